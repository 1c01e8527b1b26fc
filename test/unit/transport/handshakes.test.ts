import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { SystemClock } from '../../../src/adapters/clock/system-clock.js';
import { PeerList } from '../../../src/adapters/transport/peer-address.js';
import { TlsCredentials, type TlsSettings } from '../../../src/adapters/transport/tls-credentials.js';
import { type MadeCertificate, TestAuthority } from '../../support/certificates.js';
import {
  endListeners,
  keepSocket,
  type StartedListener,
  startListener,
  WEB_SOCKET,
} from '../../support/listener-under-test.js';
import { makeFolder, type TestFolder } from '../../support/test-folder.js';
import { waitUntil } from '../../support/wait-until.js';

let folder: TestFolder;
let authority: TestAuthority;
let stranger: TestAuthority;
let server: MadeCertificate;

beforeAll(async () => {
  folder = makeFolder();
  [authority, stranger] = await Promise.all([TestAuthority.create(), TestAuthority.create('Stranger')]);
  server = await authority.issue();
});
afterEach(endListeners);
afterAll(() => folder.remove());

const credentialsOf = (changes: Partial<TlsSettings>): TlsCredentials =>
  new TlsCredentials(
    {
      certFile: folder.write('cert.pem', server.cert),
      keyFile: folder.write('key.pem', server.key),
      crlFiles: [],
      clientCertificates: 'off',
      minVersion: '1.2',
      ...changes,
    },
    new SystemClock(),
  );
const askingFor = (
  clientCertificates: TlsSettings['clientCertificates'],
  changes: Partial<TlsSettings> = {},
) => credentialsOf({ clientCertificates, caFile: folder.write('ca.pem', authority.cert), ...changes });
const dialTls = ({ listener }: StartedListener, options: ConnectionOptions = {}): TLSSocket =>
  keepSocket(connectTls({ host: '127.0.0.1', port: listener.port, ca: authority.cert, ...options }));
const dial = ({ listener }: StartedListener, bytes: string | Buffer = ''): Socket => {
  const socket = keepSocket(connect({ host: '127.0.0.1', port: listener.port }));
  socket.write(bytes);
  return socket;
};

describe('a TLS handshake', () => {
  test('tells who the client is, by its certificate', async () => {
    const each = await startListener({ credentials: askingFor('required') });
    const traits = {
      name: 'meter-7',
      dns: ['meter.example', 'm7'],
      email: ['m@x.example'],
      uri: ['urn:m:7', 'urn:a,b'],
    };
    const client = await authority.issue(traits);
    dialTls(each, client);
    await waitUntil(() => each.acceptor.accepted.length === 1, 'a stream');
    const { certificate } = each.acceptor.accepted[0]!.stream;
    expect(certificate).toMatchObject({
      commonName: 'meter-7',
      alternativeNames: { dns: traits.dns, email: traits.email, uri: traits.uri },
    });
    expect(certificate?.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'refuses who shows no good certificate, in %s',
    async (version) => {
      const revoked = await authority.issue({ name: 'revoked' });
      const crl = folder.write('crl.pem', await authority.revoke(revoked));
      const each = await startListener({ credentials: askingFor('required', { crlFiles: [crl] }) });
      const clients: [ConnectionOptions, string][] = [
        [{}, 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'],
        [{ ...(await stranger.issue()) }, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
        [{ ...(await authority.issue({ toDays: -0.5 })) }, 'CERT_HAS_EXPIRED'],
        [{ ...revoked }, 'CERT_REVOKED'],
      ];
      const { ends, accepted } = each.acceptor;
      for (const [i, [options, code]] of clients.entries()) {
        const socket = dialTls(each, { ...options, minVersion: version, maxVersion: version });
        await waitUntil(() => ends.length > i && socket.destroyed, code);
        expect(ends[i]).toMatch(
          new RegExp(`^certificate_refused: (${code}|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$`),
        );
      }
      expect(accepted).toEqual([]);
    },
  );

  test('lets in who shows no certificate where it is optional, and refuses who shows a bad one', async () => {
    const each = await startListener({ credentials: askingFor('optional') });
    dialTls(each);
    await waitUntil(() => each.acceptor.accepted.length === 1, 'a stream');
    expect(each.acceptor.accepted[0]!.stream.certificate).toBeUndefined();
    dialTls(each, await stranger.issue());
    await waitUntil(() => each.acceptor.ends.length === 1, 'the refusal');
    expect(each.acceptor.ends[0]).toMatch(/^certificate_refused: /);
    expect(each.acceptor.accepted).toHaveLength(1);
  });

  test.each([
    ['no TLS', Buffer.from('100f00044d51545404020000000361626364', 'hex'), /^tls_failed: ERR_SSL_/],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /^tls_failed: ERR_SSL_HTTP_REQUEST$/],
  ])('refuses %s', async (_, bytes, end) => {
    const each = await startListener({ credentials: credentialsOf({}) });
    const socket = dial(each, bytes);
    await waitUntil(() => socket.destroyed && each.acceptor.ends.length === 1, 'the refusal');
    expect(each.acceptor.ends[0]).toMatch(end);
  });

  test('takes the versions that are set, and no protocol but MQTT', async () => {
    const each = await startListener({ credentials: credentialsOf({ minVersion: '1.3' }) });
    const { ends, accepted } = each.acceptor;
    dialTls(each, { maxVersion: 'TLSv1.2' });
    await waitUntil(() => ends.length === 1, 'the first refusal');
    dialTls(each, { ALPNProtocols: ['h2'] });
    await waitUntil(() => ends.length === 2, 'the second refusal');
    const socket = dialTls(each, { ALPNProtocols: ['mqtt'] });
    await waitUntil(() => accepted.length === 1, 'a stream');
    expect(ends).toEqual([
      'tls_failed: ERR_SSL_UNSUPPORTED_PROTOCOL',
      'tls_failed: ERR_SSL_NO_APPLICATION_PROTOCOL',
    ]);
    expect([socket.alpnProtocol, socket.getProtocol()]).toEqual(['mqtt', 'TLSv1.3']);
  });

  test('tells of a peer that leaves in the middle that it has left', async () => {
    const each = await startListener({ credentials: credentialsOf({}) });
    const [ended, reset] = [dial(each, 'x'), dial(each)];
    await waitUntil(() => each.acceptor.arrivals.length === 2, 'both');
    ended.end();
    reset.resetAndDestroy();
    await waitUntil(() => each.acceptor.ends.length === 2, 'the ends');
    expect(each.acceptor.ends.filter((end) => end === 'left').length).toBeGreaterThan(0);
    expect(each.acceptor.accepted).toEqual([]);
  });

  test('ends with the connection when that is told to end', async () => {
    const each = await startListener({ credentials: credentialsOf({}) });
    const socket = dial(each, Buffer.from('160301', 'hex'));
    await waitUntil(() => each.acceptor.arrivals.length === 1, 'the arrival');
    each.acceptor.arrivals[0]!.destroy();
    await waitUntil(() => socket.destroyed, 'the end');
    await waitUntil(() => each.acceptor.ends.length === 1, 'the leave');
    expect(each.acceptor.ends).toEqual(['left']);
  });
});

describe('certificates that are read anew', () => {
  test('count for those who come then, and drop nobody; faulty ones leave the old as they are', async () => {
    const credentials = credentialsOf({});
    const each = await startListener({ credentials });
    const before = dialTls(each);
    await waitUntil(() => each.acceptor.accepted.length === 1, 'a stream');
    expect(credentials.reload()).toBe(false);

    const next = await authority.issue({ name: 'next' });
    folder.write('cert.pem', next.cert);
    expect(() => credentials.reload()).toThrow(/key\.pem is not the key of the certificate in .*cert\.pem/);
    const old = dialTls(each);
    await waitUntil(() => each.acceptor.accepted.length === 2, 'a stream with the old one');
    folder.write('key.pem', next.key);
    expect(credentials.reload()).toBe(true);
    const fresh = dialTls(each);
    await waitUntil(() => each.acceptor.accepted.length === 3, 'a stream with the new one');
    const nameOf = (socket: TLSSocket) => socket.getPeerCertificate().subject.CN;
    expect([nameOf(before), nameOf(old), nameOf(fresh)]).toEqual(['localhost', 'localhost', 'next']);
    expect(each.acceptor.accepted.map(({ closed }) => closed)).toEqual([0, 0, 0]);
  });

  test('shut out who was revoked since, also by a session from before', async () => {
    const client = await authority.issue({ name: 'soon revoked' });
    const crl = folder.write('crl2.pem', await authority.revoke());
    const credentials = askingFor('required', { crlFiles: [crl] });
    const each = await startListener({ credentials });
    const options = { ...client, maxVersion: 'TLSv1.2' } as const;
    const first = dialTls(each, options);
    await waitUntil(
      () => each.acceptor.accepted.length === 1 && first.getTLSTicket() !== undefined,
      'a session that can be resumed',
    );
    const session = first.getSession();
    const again = dialTls(each, { ...options, session });
    await waitUntil(() => each.acceptor.accepted.length === 2, 'the session resumed');
    expect(again.isSessionReused()).toBe(true);
    expect(each.acceptor.accepted[1]!.stream.certificate?.commonName).toBe('soon revoked');

    folder.write('crl2.pem', await authority.revoke(client));
    credentials.reload();
    dialTls(each, { ...options, session });
    await waitUntil(() => each.acceptor.ends.length === 1, 'the refusal');
    expect(each.acceptor.ends).toEqual(['certificate_refused: CERT_REVOKED']);
  });
});

describe('a listener for proxies', () => {
  test('refuses whoever is none of the trusted ones, header or not', async () => {
    const each = await startListener({ proxies: new PeerList(['192.0.2.0/24']) });
    const socket = dial(each, 'PROXY TCP4 203.0.113.7 198.51.100.1 1 2\r\n');
    await waitUntil(() => socket.destroyed, 'the end');
    expect(each.acceptor.ends).toEqual(['untrusted_proxy']);
    expect(each.acceptor.arrivals).toMatchObject([{ address: '127.0.0.1', isProxy: true }]);
  });

  test('refuses a trusted one that begins with something else', async () => {
    const each = await startListener({ proxies: new PeerList(['127.0.0.1']) });
    const socket = dial(each, Buffer.from('100c00044d5154540402', 'hex'));
    await waitUntil(() => socket.destroyed, 'the end');
    expect([each.acceptor.ends, each.acceptor.accepted]).toEqual([['bad_proxy_header'], []]);
  });

  test('takes a header that comes byte by byte, and hands over what is behind it', async () => {
    const each = await startListener({ proxies: new PeerList(['127.0.0.1']) });
    const socket = dial(each);
    socket.setNoDelay(true);
    for (const byte of 'PROXY TCP4 203.0.113.7 198.51.100.1 1 2\r\n') {
      socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.write('first');
    await waitUntil(() => each.acceptor.accepted[0]?.received.length === 1, 'what follows');
    expect(each.acceptor.accepted[0]!.stream.remoteAddress).toBe('203.0.113.7');
    expect(each.acceptor.addresses).toEqual(['203.0.113.7']);
  });

  test('ends a connection whose client has no place left', async () => {
    const each = await startListener({ proxies: new PeerList(['127.0.0.1']) });
    each.acceptor.policy = 'no-place-for-address';
    const socket = dial(each, 'PROXY TCP4 203.0.113.7 198.51.100.1 1 2\r\n');
    await waitUntil(() => socket.destroyed, 'the end');
    expect(each.acceptor.accepted).toEqual([]);
  });
});

describe('a request for a WebSocket', () => {
  const statusOf = (port: number, origin?: string): Promise<number> =>
    new Promise((resolve) => {
      const client = new WebSocket(
        `ws://127.0.0.1:${port}/mqtt`,
        ['mqtt'],
        origin === undefined ? {} : { origin },
      );
      client.on('open', () => {
        client.terminate();
        resolve(101);
      });
      client.on('unexpected-response', (_, { statusCode = 0 }) => {
        client.terminate();
        resolve(statusCode);
      });
      client.on('error', () => undefined);
    });

  test('is refused to pages of other origins than those allowed', async () => {
    const each = await startListener({
      webSocket: { ...WEB_SOCKET, allowedOrigins: ['https://app.example'] },
    });
    const { port } = each.listener;
    expect(await statusOf(port, 'https://app.example')).toBe(101);
    expect(await statusOf(port)).toBe(101);
    expect(await statusOf(port, 'https://evil.example')).toBe(403);
    expect(await statusOf(port, 'http://app.example')).toBe(403);
    expect(each.acceptor.ends).toEqual(['upgrade_refused: origin', 'upgrade_refused: origin']);
  });

  test('may come from any origin where none is set', async () => {
    const each = await startListener({ webSocket: WEB_SOCKET });
    expect(await statusOf(each.listener.port, 'https://any.example')).toBe(101);
  });
});
