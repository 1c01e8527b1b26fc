import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recordWriter } from '../../src/adapters/audit-files/record-lines.js';
import { defaultConfig } from '../../src/adapters/config/load-config.js';
import { auditActions } from '../../src/audit-actions.js';
import { madeUpTrail } from '../support/made-up-trail.js';

const config = { ...defaultConfig(), dataDir: '/nowhere' };
const actions = auditActions(() => config);

test('before the first checkpoint, verify says when there will be one', async () => {
  await expect(actions.verify({}, () => undefined)).rejects.toThrow(
    /^there is no checkpoint yet: \/nowhere\/audit\/checkpoints\.jsonl is not there\. .* at most 10 seconds after its first start/,
  );
});

test('a checkpoint file that was named and is not there is another matter', async () => {
  await expect(actions.verify({ checkpoints: '/nowhere/copy.jsonl' }, () => undefined)).rejects.toThrow(
    'the checkpoint file /nowhere/copy.jsonl is not there: name it with --checkpoints',
  );
});

describe('a checkpoint file without a checkpoint', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'actions-'));
    actions.keygen({ out: directory });
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const verify = (records: string, lines: string | Uint8Array) => {
    const [file, checkpoints] = [join(directory, 'trail.jsonl'), join(directory, 'checkpoints.jsonl')];
    writeFileSync(file, records);
    writeFileSync(checkpoints, lines);
    const publicKey = [join(directory, 'checkpoint-key.pub.pem')];
    return actions.verify({ export: file, publicKey, checkpoints }, () => undefined);
  };
  const [first, second] = madeUpTrail(2).map((record) => recordWriter('jsonl', true).line(record));

  test('proves nothing, though the hashes fit', async () => {
    await expect(verify(`${first}${second}`, '')).rejects.toThrow(
      /checkpoints\.jsonl holds no checkpoint \(it is empty\), and without one nothing vouches for the trail/,
    );
  });

  test('is told from one that another program has written in another way', async () => {
    await expect(verify(`${first}${second}`, Buffer.from('{}\n{}\n', 'utf16le'))).rejects.toThrow(
      'none of its 2 lines is one',
    );
  });

  test('is enough to show what the hashes show', async () => {
    expect((await verify(`${second}`, '')).fault).toMatchObject({ kind: 'removed', sequence: 1 });
  });
});
