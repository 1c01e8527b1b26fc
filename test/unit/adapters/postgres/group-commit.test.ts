import { createHook } from 'node:async_hooks';
import { afterEach, expect, test } from '@jest/globals';
import type { BatchWriter } from '../../../../src/adapters/postgres/journal/batch-writer.js';
import { GroupCommit } from '../../../../src/adapters/postgres/journal/group-commit.js';
import { TrailEnd } from '../../../../src/adapters/postgres/journal/trail-end.js';
import type { WriteClaim } from '../../../../src/adapters/postgres/journal/write-claim.js';
import { NodeDigest } from '../../../../src/adapters/crypto/node-digest.js';
import { AuditChain } from '../../../../src/domain/audit/audit-chain.js';
import { silentLogger } from '../../../support/silent-logger.js';
import { waitUntil } from '../../../support/wait-until.js';

/** Timers that the group commit has made since this is enabled, and that haven't ended. */
const timers = new Map<number, NodeJS.Timeout>();
const watch = createHook({
  init: (id, type, _, timer) => {
    const isOurs = type === 'Timeout' && new Error().stack?.includes('journal/group-commit.ts') === true;
    if (isOurs) timers.set(id, timer as NodeJS.Timeout);
  },
  destroy: (id) => void timers.delete(id),
});
afterEach(() => void watch.disable());

test('a stop that gives the database up leaves nothing that holds the process', async () => {
  const digest = new NodeDigest();
  const head = { sequence: 0, hash: new Uint8Array(32) };
  const chain = new AuditChain(head, 'a', (...parts) => digest.sha256(...parts));
  const lost = { isHeld: false, onLost: () => undefined, release: async () => undefined };
  const commit = new GroupCommit({
    firstClaim: lost as unknown as WriteClaim,
    claim: () => Promise.reject(new Error('the database is away')),
    writer: {} as unknown as BatchWriter,
    trail: new TrailEnd(chain, digest.payloads()),
    limits: { journalBytesMax: 1_000_000 },
    ...{ logger: silentLogger, lastBatch: 0, lastSessionKey: 0, onSuperseded: () => undefined },
  });
  watch.enable();
  commit.changes.presence.set(1, { disconnectedAtMs: undefined, sentThrough: 0 });
  commit.changed();
  await waitUntil(() => commit.figures.failures > 1, 'the first attempts to fail');
  await commit.stop(0);
  // The end of a timer is told some turns of the event loop later.
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(timers.size).toBeGreaterThan(0);
  expect([...timers.values()].filter((timer) => timer.hasRef())).toEqual([]);
});
