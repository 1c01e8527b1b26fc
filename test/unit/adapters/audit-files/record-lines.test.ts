import { describe, expect, test } from '@jest/globals';
import { parseRecordLine, recordWriter } from '../../../../src/adapters/audit-files/record-lines.js';
import type { StoredRecord } from '../../../../src/domain/audit/stored-record.js';
import { chained, madeUpEvent } from '../../../support/made-up-trail.js';

const [plain] = chained([madeUpEvent(1)]) as [StoredRecord];
const [full] = chained([
  madeUpEvent(2, {
    ...{ principal: '=1+1', authentication: 'password', listener: 'mqtt', session: 7 },
    ...{ reason: 'say "no",\nplease', rule: '-rule', topic: '@home/+', clientId: '\tc' },
  }),
]) as [StoredRecord];

const json = (record: StoredRecord, hasHashes = true) => recordWriter('jsonl', hasHashes).line(record);
const csv = (record: StoredRecord, hasHashes = false) => recordWriter('csv', hasHashes).line(record);

describe('JSON Lines', () => {
  test('leave out what is absent', () => {
    expect(JSON.parse(json(plain, false))).toEqual({
      ...{ sequence: 1, at: '2023-11-14T22:13:21.000Z', node: 'a', version: 1, kind: 'connection.accepted' },
      ...{ clientId: 'client-1', address: '192.0.2.1', details: { keepAliveSeconds: 60, number: 1 } },
    });
  });

  test.each([
    ['a short record', plain],
    ['a full one', full],
  ])('with hashes give %s back as it was', (_, record) => {
    const line = json(record);
    expect(line).toMatch(/^\{.*\}\n$/);
    const read = parseRecordLine(line.trimEnd()) as StoredRecord;
    const hashes = {
      previousHash: Buffer.from(record.previousHash),
      hash: Buffer.from(record.hash),
    };
    // What is undefined isn't there afterwards; `at` is the time in words.
    expect(read).toEqual({ ...record, ...hashes, at: expect.any(String) });
  });

  test('without hashes are told apart', () => {
    expect(parseRecordLine(json(plain, false))).toBe('no-hashes');
  });

  test.each(['', 'nonsense', 'null', '[]', '{}', '{"sequence":"1","hash":""}', '{"sequence":1,"hash":"ab"}'])(
    'that are no records are refused: %j',
    (line) => expect(parseRecordLine(line)).toBeUndefined(),
  );

  test.each([
    ['another way of writing the same', '2023-11-14T23:13:21.000+01:00'],
    ['none', 'yesterday'],
  ])('a time that is %s is no time of a record', (_, at) => {
    const line = json(plain).replace('2023-11-14T22:13:21.000Z', at);
    expect((parseRecordLine(line) as StoredRecord).atMs).toBeNaN();
  });

  test.each([
    ['an unknown field', (line: string) => line.replace('{', '{"note":"x",')],
    ['a field twice', (line: string) => line.replace('{', '{"node":"b",')],
    ['white space', (line: string) => line.replace(':', ': ')],
  ])('with %s are not as they were written: the record has no time that its hash fits', (_, change) => {
    const line = json(plain).trimEnd();
    expect((parseRecordLine(line) as StoredRecord).atMs).toBe(plain.atMs);
    expect((parseRecordLine(change(line)) as StoredRecord).atMs).toBeNaN();
  });

  test('a time with a part below a millisecond does not look like a whole one', () => {
    const read = parseRecordLine(json({ ...plain, atMs: plain.atMs + 0.5 })) as StoredRecord;
    expect(read.atMs).toBeNaN();
  });
});

describe('CSV', () => {
  test('has a line of names, and hashes if they are asked for', () => {
    const names =
      'sequence,at,node,version,kind,clientId,principal,authentication,address,listener,session,reason,rule,topic,details';
    expect(recordWriter('csv', false).head).toBe(`${names}\r\n`);
    expect(recordWriter('csv', true).head).toBe(`${names},previousHash,hash\r\n`);
  });

  test('leaves the place of what is absent empty, and has details in JSON', () => {
    expect(csv(plain)).toBe(
      '1,2023-11-14T22:13:21.000Z,a,1,connection.accepted,client-1,,,192.0.2.1,,,,,,"{""keepAliveSeconds"":60,""number"":1}"\r\n',
    );
  });

  test('quotes what needs it, and keeps spreadsheets from taking text for a formula', () => {
    expect(csv(full)).toContain(
      ',\'\tc,\'=1+1,password,192.0.2.1,mqtt,7,"say ""no"",\nplease",\'-rule,\'@home/+,',
    );
  });

  test('has a hash in hex', () => {
    expect(csv(plain, true).trimEnd().split(',').at(-1)).toBe(Buffer.from(plain.hash).toString('hex'));
  });
});
