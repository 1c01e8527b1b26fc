import { beforeEach, describe, expect, test } from '@jest/globals';
import { WriteCheckpoints } from '../../../../src/application/audit/write-checkpoints.js';
import type { AuditHead, AuditTrail } from '../../../../src/application/ports/audit-trail.js';
import type { Logger } from '../../../../src/application/ports/logger.js';
import { checkpointText, type SignedCheckpoint } from '../../../../src/domain/audit/checkpoint.js';
import { MadeUpKey } from '../../../support/made-up-trail.js';
import { ManualClock } from '../../../support/manual-clock.js';

const key = new MadeUpKey();

/** A trail of which only the end is known. */
class GrowingTrail implements Pick<AuditTrail, 'head' | 'onCommitted'> {
  head: AuditHead = { sequence: 0, hash: new Uint8Array(32) };
  private listener: (head: AuditHead) => void = () => undefined;

  onCommitted(listener: (head: AuditHead) => void): void {
    this.listener = listener;
  }

  grow(records: number): void {
    const sequence = this.head.sequence + records;
    this.head = { sequence, hash: new Uint8Array(32).fill(sequence % 256) };
    this.listener(this.head);
  }
}

let trail: GrowingTrail;
let clock: ManualClock;
let kept: SignedCheckpoint[];
let logged: string[];
let failure: Error | undefined;
let isClosed: boolean;
let checkpoints: WriteCheckpoints;
let pace: { everyRecords: number; everySeconds: number };

beforeEach(() => {
  [trail, clock, kept, logged, failure, isClosed] = [
    new GrowingTrail(),
    new ManualClock(),
    [],
    [],
    undefined,
    false,
  ];
  pace = { everyRecords: 1000, everySeconds: 10 };
  const log = (level: string) => (message: string) => logged.push(`${level} ${message}`);
  const logger: Logger = { error: log('error'), warn: log('warn'), info: log('info'), debug: log('debug') };
  const sink = {
    description: 'the file',
    append: async (checkpoint: SignedCheckpoint) => {
      if (failure !== undefined) throw failure;
      kept.push(checkpoint);
    },
    close: async () => {
      isClosed = true;
    },
  };
  checkpoints = new WriteCheckpoints({
    ...{ trail: trail as unknown as AuditTrail, signer: key, sinks: [sink], clock, logger },
    ...{ node: 'a', pace },
  });
});

/** All that was begun is done. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const sequences = () => kept.map(({ sequence }) => sequence);

describe('a checkpoint is written', () => {
  beforeEach(() => checkpoints.start());

  test('when so many records were committed', async () => {
    trail.grow(999);
    await settled();
    expect(sequences()).toEqual([]);
    trail.grow(1);
    await settled();
    trail.grow(999);
    await settled();
    expect(sequences()).toEqual([1000]);
    trail.grow(5000);
    await settled();
    expect(sequences()).toEqual([1000, 6999]);
  });

  test('after so much time, when there is a new record', async () => {
    clock.advance(30_000);
    await settled();
    expect(sequences()).toEqual([]);
    trail.grow(1);
    clock.advance(9000);
    await settled();
    expect(sequences()).toEqual([]);
    clock.advance(1000);
    await settled();
    clock.advance(30_000);
    await settled();
    expect(sequences()).toEqual([1]);
  });

  test('with the hash and the time, signed', async () => {
    trail.grow(1000);
    await settled();
    const [checkpoint] = kept;
    expect(checkpoint).toMatchObject({
      node: 'a',
      sequence: 1000,
      hash: 'e8'.repeat(32),
      atMs: clock.nowMs(),
      key: key.key,
    });
    expect(key.verify(key.key, checkpointText(checkpoint!), checkpoint!.signature)).toBe('valid');
  });

  test('one after another, when more is committed while one is written', async () => {
    trail.grow(1000);
    trail.grow(1000);
    trail.grow(1);
    await settled();
    expect(sequences()).toEqual([2001]);
  });

  test('at a pace that is set anew', async () => {
    Object.assign(pace, { everyRecords: 5, everySeconds: 60 });
    checkpoints.paceChanged();
    trail.grow(4);
    clock.advance(50_000);
    await settled();
    expect(sequences()).toEqual([]);
    clock.advance(10_000);
    await settled();
    trail.grow(5);
    await settled();
    expect(sequences()).toEqual([4, 9]);
  });

  test('to where the next ones are to go, and what they no longer go to is closed', async () => {
    const others: number[] = [];
    const other = {
      description: 'another',
      append: async ({ sequence }: SignedCheckpoint) => void others.push(sequence),
      close: async () => undefined,
    };
    trail.grow(1000);
    checkpoints.setSinks([other]);
    await settled();
    trail.grow(1000);
    await settled();
    expect([sequences(), others, isClosed]).toEqual([[], [1000, 2000], true]);
  });

  test('over the last record at a stop, and nothing afterwards', async () => {
    trail.grow(3);
    await checkpoints.stop();
    expect([sequences(), isClosed, clock.tickerCount]).toEqual([[3], true, 0]);
    trail.grow(2000);
    await settled();
    expect(sequences()).toEqual([3]);
  });
});

describe('a checkpoint that can not be kept', () => {
  test('is told of once, and tried again with the newest record', async () => {
    checkpoints.start();
    failure = new Error('disk full');
    trail.grow(1000);
    await settled();
    trail.grow(1000);
    clock.advance(20_000);
    await settled();
    expect(logged).toEqual([
      expect.stringMatching(/^error a checkpoint of the audit trail could not be kept/),
    ]);
    failure = undefined;
    clock.advance(10_000);
    await settled();
    expect(sequences()).toEqual([2000]);
    expect(logged[1]).toBe('warn checkpoints of the audit trail are kept again');
  });

  test('counts in the age of what is not covered', async () => {
    checkpoints.start();
    expect(checkpoints.ageMs()).toBe(0);
    failure = new Error('disk full');
    trail.grow(1);
    clock.advance(25_000);
    await settled();
    expect(checkpoints.ageMs()).toBe(25_000);
    failure = undefined;
    clock.advance(5000);
    await settled();
    expect(checkpoints.ageMs()).toBe(0);
  });
});

test('whoever needs a record covered is told whether it is', async () => {
  trail.grow(5);
  expect(await checkpoints.cover(5)).toBe(true);
  trail.grow(1);
  failure = new Error('disk full');
  expect(await checkpoints.cover(6)).toBe(false);
  expect(await checkpoints.cover(5)).toBe(true);
});
