import { expect, test } from '@jest/globals';
import { CertificateProvider, unknownParts } from '../../../../src/adapters/auth/certificate-provider.js';
import { certificateOf } from '../../../support/client-certificate.js';
import { credentials } from '../../../support/credentials.js';

test.each([
  ['${cn}', []],
  ['${cn}-${dns}-${email}-${uri}-${serial}-${fingerprint}', []],
  ['${name}', ['${name}']],
  ['${constructor}', ['${constructor}']],
  ['${cn}${toString}${__proto__}', ['${toString}', '${__proto__}']],
])('the template %s has the unknown parts %j', (template, unknown) => {
  expect(unknownParts(template)).toEqual(unknown);
});

test.each(['${constructor}', '${cn}${toString}', '${__proto__}'])(
  'the template %s makes no name',
  async (template) => {
    const provider = new CertificateProvider('certificate', { template, requireUserName: false });
    const certificate = certificateOf({ commonName: 'ann' });
    expect(await provider.decide(credentials({ certificate }))).toMatchObject({
      reason: 'certificate_without_name',
    });
  },
);
