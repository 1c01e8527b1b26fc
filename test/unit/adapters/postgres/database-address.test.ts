import { describe, expect, test } from '@jest/globals';
import { parseDatabaseUrl } from '../../../../src/adapters/postgres/database-address.js';

describe('parseDatabaseUrl', () => {
  test('names host, port and database, and never the password', () => {
    const address = parseDatabaseUrl('postgres://me:s3cret@db.example.com:6432/surety');
    expect(address.name).toBe('db.example.com:6432/surety');
    expect(address.url).toBe('postgres://me:s3cret@db.example.com:6432/surety');
  });

  test('keeps several hosts and what the driver understands', () => {
    const address = parseDatabaseUrl(
      'postgresql://me:pw@a:5432,b:5433/surety?target_session_attrs=read-write&sslmode=disable',
    );
    expect(address.name).toBe('a:5432,b:5433/surety');
    expect(address.url).toBe('postgres://me:pw@a:5432,b:5433/surety?target_session_attrs=read-write');
  });

  test.each([
    ['postgres://me@/surety?host=/run/postgresql', '/run/postgresql/surety'],
    ['postgres://me@%2Frun%2Fpostgresql/surety', '/run/postgresql/surety'],
  ])('takes the directory of a Unix socket from %s', (url, name) => {
    const address = parseDatabaseUrl(url);
    expect(address.name).toBe(name);
    expect(address.options).toEqual({ ssl: false, host: '/run/postgresql' });
    expect(address.url).toBe('postgres://me@localhost/surety');
  });

  test.each([
    'postgres://me@/surety?host=/run/postgresql&port=5433',
    'postgres://me@%2Frun%2Fpostgresql:5433/surety',
  ])('takes the port of a Unix socket from %s', (url) => {
    const address = parseDatabaseUrl(url);
    expect(address.options).toEqual({ ssl: false, host: '/run/postgresql', port: 5433 });
    expect(address.url).toBe('postgres://me@localhost/surety');
  });

  test.each([
    ['postgres://h.example.com/d', 'prefer'],
    ['postgres://localhost/d', false],
    ['postgres://127.0.0.1:5433/d', false],
    ['postgres://[::1]:5433/d', false],
    ['postgres://localhost/d?sslmode=prefer', 'prefer'],
    ['postgres://h.example.com/d?sslmode=disable', false],
  ])('of %s uses TLS as %s', (url, ssl) => {
    expect(parseDatabaseUrl(url).options.ssl).toBe(ssl);
  });

  test('verifies the certificate as sslmode asks', () => {
    const sslOf = (mode: string): unknown =>
      parseDatabaseUrl(`postgres://h.example.com/d?sslmode=${mode}`).options.ssl;
    expect(sslOf('require')).toMatchObject({ rejectUnauthorized: false });
    expect(sslOf('verify-ca')).toMatchObject({
      rejectUnauthorized: true,
      checkServerIdentity: expect.any(Function),
    });
    expect(sslOf('verify-full')).toEqual({ rejectUnauthorized: true });
  });

  test.each([
    ['mysql://me:s3cret@h/d', 'postgres://user:password@host'],
    ['postgres://me:s3cret@h', 'names no database'],
    ['postgres://me:s3cret@h:port/d', 'check the host and port'],
    ['postgres://me:s3cret%@h/d%', 'two hex digits'],
    ['postgres://me:s3cret@h/d?sslmode=maybe', 'sslmode=maybe'],
    ['postgres://me:s3cret@h/d?sslrootcert=/nowhere.pem', "/nowhere.pem in database.url can't be read"],
    ['postgres://me:s3cret@h/d?host=other', 'directory of a Unix socket'],
    ['postgres://me:s3cret@x@h/d', 'written as %40'],
  ])('refuses %s and says why, without the password', (url, message) => {
    const parse = (): unknown => parseDatabaseUrl(url);
    expect(parse).toThrow(expect.objectContaining({ code: 'database-url-invalid' }));
    expect(parse).toThrow(message);
    expect(parse).not.toThrow('s3cret');
  });
});
