import { expect, test } from '@jest/globals';
import { faultText } from '../../../src/adapters/config/config-fault.js';
import { loadConfig } from '../../../src/adapters/config/load-config.js';
import { preflight } from '../../../src/preflight.js';

const faultsOf = (env: Record<string, string>) => {
  const result = loadConfig({ env });
  return 'faults' in result ? result.faults.map(faultText).join('\n') : '';
};

test.each([
  [{ SURETY_ADMIN_HOST: '0.0.0.0' }, /admin\.host: is reached by other machines/],
  [{ SURETY_ADMIN_TLS_CERT_FILE: 'a.pem' }, /admin\.tls\.keyFile: is missing/],
])('an admin API that would be open by accident is a fault: %j', (env, fault) => {
  expect(faultsOf(env)).toMatch(fault);
});

test.each([
  [{ SURETY_ADMIN_HOST: '::1' }],
  [{ SURETY_ADMIN_HOST: '0.0.0.0', SURETY_ADMIN_ALLOW_INSECURE: 'true' }],
  [{ SURETY_ADMIN_HOST: '0.0.0.0', SURETY_ADMIN_ENABLED: 'false' }],
  [{ SURETY_ADMIN_HOST: '0.0.0.0', SURETY_ADMIN_TLS_CERT_FILE: 'c', SURETY_ADMIN_TLS_KEY_FILE: 'k' }],
])('an admin API on purpose is none: %j', (env) => expect(faultsOf(env)).toBe(''));

test('a certificate of the admin API that can not be read is named before the start', async () => {
  const tls = { SURETY_ADMIN_TLS_CERT_FILE: '/none.pem', SURETY_ADMIN_TLS_KEY_FILE: '/none.key' };
  const faultsBeforeStart = async (env: Record<string, string>) => {
    const result = loadConfig({ env });
    if ('faults' in result) throw new Error(result.faults.map(faultText).join('\n'));
    return (await preflight(result.config, (path) => result.placeOf(path))).map(({ problem }) => problem);
  };
  expect(await faultsBeforeStart(tls)).toEqual([
    "admin.tls.certFile: /none.pem doesn't exist",
    "admin.tls.keyFile: /none.key doesn't exist",
  ]);
  expect(await faultsBeforeStart({ ...tls, SURETY_ADMIN_ENABLED: 'false' })).toEqual([]);
});
