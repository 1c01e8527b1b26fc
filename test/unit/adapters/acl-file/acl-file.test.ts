import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AclFile, aclFileFaults } from '../../../../src/adapters/acl-file/acl-file.js';
import { parseAcl } from '../../../../src/adapters/acl-file/parse-acl.js';
import { ruleText } from '../../../../src/domain/access/access-rule.js';

const texts = (rules: Parameters<typeof ruleText>[0][] | readonly Parameters<typeof ruleText>[0][]) =>
  rules.map(ruleText);

describe('an ACL file', () => {
  test('is read as mosquitto reads it', () => {
    const acl = parseAcl(
      [
        '# without a user name',
        'topic read news/#',
        '',
        'user ann lee',
        'topic a/b',
        '  topic   write  with spaces/in it  ',
        'topic deny a/secret',
        'topic read',
        'user bob\r',
        'topic readwrite %c',
        'user ann lee',
        'topic read c',
        'pattern write dev/%c/%u',
        'pattern read open',
      ].join('\n'),
      'acl',
    );
    expect(acl.faults).toEqual([]);
    expect(acl.ruleCount).toBe(9);
    expect(texts(acl.anonymous)).toEqual(['allow read news/# (acl:2)']);
    expect(texts(acl.users.get('ann lee') ?? [])).toEqual([
      'allow all a/b (acl:5)',
      'allow write with spaces/in it (acl:6)',
      'deny all a/secret (acl:7)',
      'allow all read (acl:8)',
      'allow read c (acl:12)',
    ]);
    expect(texts(acl.users.get('bob') ?? [])).toEqual(['allow all %c (acl:10)']);
    expect(texts(acl.patterns)).toEqual(['allow write dev/%c/%u (acl:13)', 'allow read open (acl:14)']);
  });

  test('has all its faults named with their lines', () => {
    const text =
      'topics a\ntopic\nuser\ntopic reed a\ntopic read a/#/b\ntopic read ok\npattern read %c+\npattern';
    expect(parseAcl(text, 'acl').faults).toEqual([
      { line: 1, problem: 'unknown word "topics": a line begins with topic, user, pattern or #' },
      { line: 2, problem: 'the topic is missing behind topic' },
      { line: 3, problem: 'the user name is missing' },
      { line: 4, problem: 'unknown access "reed": it is one of read, write, readwrite and deny' },
      { line: 5, problem: 'a/#/b is not a topic filter: + and # stand alone in a level, # in the last' },
      { line: 7, problem: '%c+ is not a topic filter: + and # stand alone in a level, # in the last' },
      { line: 8, problem: 'the topic is missing behind pattern' },
    ]);
  });
});

describe('an ACL file on disk', () => {
  let directory: string;
  let path: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'acl-'));
    path = join(directory, 'rules.acl');
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test('gives its rules, and a digest that changes with it', async () => {
    writeFileSync(path, 'topic a\n');
    const before = await new AclFile(path).read();
    writeFileSync(path, 'topic a\npattern b\n');
    const after = await new AclFile(path).read();
    expect([before.ruleCount, after.ruleCount, before.digest === after.digest]).toEqual([1, 2, false]);
  });

  test('that is faulty names every line, by the path that it is configured with', async () => {
    writeFileSync(path, 'topic a#\nx\n');
    await expect(new AclFile(path).read()).rejects.toThrow(
      `${path}:1: a# is not a topic filter: + and # stand alone in a level, # in the last\n` +
        `${path}:2: unknown word "x": a line begins with topic, user, pattern or #`,
    );
    expect(await aclFileFaults(path)).toHaveLength(2);
  });

  test.each([
    ['that is not there', () => rmSync(path, { force: true }), 'there is no such file'],
    ['that is not text', () => writeFileSync(path, Buffer.from([0xff])), 'it is not in UTF-8'],
  ])('%s is named', async (_, prepare, problem) => {
    prepare();
    await expect(new AclFile(path).read()).rejects.toThrow(`${path}: ${problem}`);
    expect(await aclFileFaults(path)).toMatchObject([
      { path: ['access', 'aclFile'], problem: `${path}: ${problem}` },
    ]);
  });

  test('that is not configured has no faults', async () => {
    expect(await aclFileFaults(undefined)).toEqual([]);
  });
});
