import { rmSync } from 'node:fs';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AdminCertificate } from '../../../src/adapters/http/admin-certificate.js';
import type { AdminParts } from '../../../src/adapters/http/admin-app.js';
import { AdminServer } from '../../../src/adapters/http/admin-server.js';
import { TestAuthority } from '../../support/certificates.js';
import { silentLogger } from '../../support/silent-logger.js';
import { makeFolder, type TestFolder } from '../../support/test-folder.js';

let folder: TestFolder;
beforeEach(() => void (folder = makeFolder()));
afterEach(() => folder.remove());

/** The name in the certificate that is shown to who connects. */
const shownAt = (port: number) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      const { subject } = socket.getPeerCertificate();
      socket.destroy();
      resolve(String(subject.CN));
    });
    socket.on('error', reject);
  });

test('the API’s certificate is read anew; one that can’t be used leaves the old one', async () => {
  const authority = await TestAuthority.create();
  const [old, fresh] = [await authority.issue({ name: 'old' }), await authority.issue({ name: 'fresh' })];
  const where = { certFile: folder.write('c.pem', old.cert), keyFile: folder.write('k.pem', old.key) };
  const certificate = new AdminCertificate(where);
  const opened: [string, string | undefined][] = [];
  const local = {
    open: (url: string, trusted: string | undefined) => void opened.push([url, trusted]),
    close: () => undefined,
  };
  const parts = { about: { version: '1' }, administration: {}, logger: silentLogger, packetBytesMax: 1 };
  const archive = { stop: () => undefined };
  const server = new AdminServer(
    ...([{ ...parts, archive } as unknown as AdminParts, { host: '127.0.0.1', port: 0 }] as const),
    ...([certificate, local] as const),
  );
  await server.start();
  try {
    const port = Number(new URL(opened[0]?.[0] ?? '').port);
    expect([await certificate.reload(), await shownAt(port)]).toEqual([false, 'old']);
    folder.write('c.pem', fresh.cert);
    await expect(certificate.reload()).rejects.toThrow("can't be used together");
    expect(await shownAt(port)).toBe('old');
    folder.write('k.pem', fresh.key);
    expect([await certificate.reload(), await shownAt(port)]).toEqual([true, 'fresh']);
    expect(opened.map(([, trusted]) => trusted)).toEqual([old.cert, fresh.cert]);
    rmSync(where.keyFile);
    await expect(certificate.reload()).rejects.toThrow('admin.tls.keyFile: ENOENT');
    expect(certificate.files).toEqual([where.certFile, where.keyFile]);
  } finally {
    await server.stop();
  }
});
