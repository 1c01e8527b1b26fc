import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  generateKeyFiles,
  KeyFileSigner,
  KeyFileVerifier,
} from '../../../../src/adapters/crypto/checkpoint-keys.js';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keys-'));
  file = join(directory, 'sub', 'checkpoint-key.pem');
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a key pair is two PEM files, the private one for its owner alone', () => {
  const files = generateKeyFiles(file);
  expect(files).toMatchObject({ privateFile: file, publicFile: file.replace('.pem', '.pub.pem') });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  expect(readFileSync(files.publicFile, 'utf8')).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
});

test('its name is the beginning of SHA-256 of the raw public key', () => {
  const { key, publicFile } = generateKeyFiles(file);
  const der = Buffer.from(readFileSync(publicFile, 'utf8').replace(/-----.*-----|\n/g, ''), 'base64');
  expect(key).toBe(createHash('sha256').update(der.subarray(-32)).digest('hex').slice(0, 16));
  expect(KeyFileSigner.open(file).key).toBe(key);
});

test('a key pair is never replaced', () => {
  generateKeyFiles(file);
  const before = readFileSync(file);
  expect(() => generateKeyFiles(file)).toThrow('is there already, and a key is never replaced');
  rmSync(file.replace('.pem', '.pub.pem'));
  expect(() => generateKeyFiles(file)).toThrow('is there already');
  expect(readFileSync(file)).toEqual(before);
});

test('the broker makes one at its first start, and keeps it', () => {
  const first = KeyFileSigner.openOrMake(file);
  expect(KeyFileSigner.openOrMake(file).key).toBe(first.key);
  rmSync(file);
  expect(() => KeyFileSigner.openOrMake(file)).toThrow('is not there');
});

test('the broker tells of a key that it makes, and only then', () => {
  const made: string[] = [];
  for (let start = 0; start < 2; start++)
    KeyFileSigner.openOrMake(file, ({ privateFile }) => made.push(privateFile));
  expect(made).toEqual([file]);
});

test('a public key that is missing is made anew from the private one', () => {
  const { publicFile } = generateKeyFiles(file);
  const before = readFileSync(publicFile, 'utf8');
  rmSync(publicFile);
  KeyFileSigner.open(file);
  expect(readFileSync(publicFile, 'utf8')).toBe(before);
});

test('half a key that a crash has left is replaced, as it never had its name', () => {
  generateKeyFiles(file);
  rmSync(file);
  rmSync(file.replace('.pem', '.pub.pem'));
  writeFileSync(`${file}.new`, '-----BEGIN');
  KeyFileSigner.openOrMake(file);
  expect(readdirSync(dirname(file)).sort()).toEqual(['checkpoint-key.pem', 'checkpoint-key.pub.pem']);
});

test('a signature holds for its text and its key alone', () => {
  const { publicFile, key } = generateKeyFiles(file);
  const other = generateKeyFiles(join(directory, 'other.pem'));
  const signature = KeyFileSigner.open(file).sign('Zoë\n1');
  const verifier = new KeyFileVerifier([publicFile, other.publicFile]);
  expect(verifier.verify(key, 'Zoë\n1', signature)).toBe('valid');
  expect(verifier.verify(key, 'Zoë\n2', signature)).toBe('invalid');
  expect(verifier.verify(key, 'Zoë\n1', 'AAAA')).toBe('invalid');
  expect(verifier.verify(other.key, 'Zoë\n1', signature)).toBe('invalid');
  expect(new KeyFileVerifier([other.publicFile]).verify(key, 'Zoë\n1', signature)).toBe('unknown-key');
});

test('a file that holds no Ed25519 key is named', () => {
  const path = join(directory, 'x.pem');
  writeFileSync(path, 'nonsense');
  expect(() => new KeyFileVerifier([path])).toThrow(`the key file ${path} can't be used`);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(path, publicKey.export({ type: 'spki', format: 'pem' }));
  expect(() => new KeyFileVerifier([path])).toThrow('holds no Ed25519 key');
});

test('OpenSSL takes the signature for what it is', () => {
  const { publicFile } = generateKeyFiles(file);
  const [text, signature] = [join(directory, 'text'), join(directory, 'signature')];
  writeFileSync(text, 'surety-checkpoint-1\na\n1');
  writeFileSync(signature, Buffer.from(KeyFileSigner.open(file).sign('surety-checkpoint-1\na\n1'), 'base64'));
  const args = [
    'pkeyutl',
    '-verify',
    '-pubin',
    '-inkey',
    publicFile,
    '-rawin',
    '-in',
    text,
    '-sigfile',
    signature,
  ];
  expect(execFileSync('openssl', args, { encoding: 'utf8' })).toContain('Verified Successfully');
});
