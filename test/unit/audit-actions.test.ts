import { expect, test } from '@jest/globals';
import { defaultConfig } from '../../src/adapters/config/load-config.js';
import { auditActions } from '../../src/audit-actions.js';

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
