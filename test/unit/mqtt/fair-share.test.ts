import { describe, expect, test } from '@jest/globals';
import { FairShare, Pace, type Sharer } from '../../../src/adapters/mqtt/fair-share.js';

const SLICE_MS = 2;
const TURN_MS = 6;

/** One turn of the event loop, no more. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A share whose time passes only when work is done. */
class Bench {
  nowMs = 0;
  looks = 0;
  readonly share = new FairShare(() => {
    this.looks++;
    return this.nowMs;
  });
  /** Who went on, in order. */
  readonly served: string[] = [];

  /** Works for so long each time it is its turn, and asks for another turn as long as there is work left. */
  worker(name: string, sliceMs: number, slices = 1): Sharer {
    const worker = {
      continue: (): void => {
        this.served.push(name);
        this.nowMs += sliceMs;
        if (--slices > 0) this.share.defer(worker, sliceMs >= SLICE_MS);
      },
    };
    return worker;
  }
}

describe('the shared thread', () => {
  test('gives a connection a slice that begins with the first look at the clock', () => {
    const bench = new Bench();
    const { share } = bench;
    share.beginSlice();
    expect(share.timeLeft()).toBe('some');
    bench.nowMs += SLICE_MS - 0.1;
    expect(share.timeLeft()).toBe('some');
    bench.nowMs += 0.1;
    expect(share.timeLeft()).toBe('no-slice');
    share.beginSlice();
    expect(share.timeLeft()).toBe('some');
  });

  test('gives all connections together no more than a turn, and begins anew after it', async () => {
    const bench = new Bench();
    const { share } = bench;
    share.beginSlice();
    share.timeLeft();
    bench.nowMs += TURN_MS - 1;
    share.beginSlice();
    expect(share.timeLeft()).toBe('some');
    bench.nowMs += 1;
    expect(share.timeLeft()).toBe('no-turn');
    share.beginSlice();
    expect(share.timeLeft()).toBe('no-turn');
    await turn();
    share.beginSlice();
    expect(share.timeLeft()).toBe('some');
  });

  test('has what may take long wait when the turn is over, whoever it comes from', async () => {
    const bench = new Bench();
    const { share } = bench;
    expect(share.isBusy()).toBe(false);
    bench.nowMs += TURN_MS;
    share.beginSlice();
    expect(share.isBusy()).toBe(true);
    await turn();
    expect(share.isBusy()).toBe(false);
  });

  test('has what may take long wait behind those that wait already', async () => {
    const bench = new Bench();
    const { share } = bench;
    share.defer(bench.worker('waiting', 0), true);
    expect(share.isBusy()).toBe(true);
    await turn();
    expect(share.isBusy()).toBe(false);
  });

  test('lets one that has waited begin what takes long, though another of its turn waits again', async () => {
    const bench = new Bench();
    const { share } = bench;
    const found: boolean[] = [];
    share.defer(bench.worker('again', 1, 2), false);
    share.defer({ continue: () => found.push(share.isBusy()) }, false);
    await turn();
    expect(found).toEqual([false]);
  });

  test('lets those who wait go on in turn: who has more to do stands behind the others', async () => {
    const bench = new Bench();
    const { share, served } = bench;
    share.defer(bench.worker('flood', SLICE_MS, 3), true);
    share.defer(bench.worker('other', SLICE_MS), true);
    await turn();
    expect(served).toEqual(['flood', 'other']);
    await turn();
    expect(served).toEqual(['flood', 'other', 'flood']);
    await turn();
    expect(served).toEqual(['flood', 'other', 'flood', 'flood']);
  });

  test('stops when the turn is over, and goes on with the rest before those who came later', async () => {
    const bench = new Bench();
    const { share, served } = bench;
    for (let i = 0; i < 5; i++) share.defer(bench.worker(`early-${i}`, SLICE_MS), false);
    await turn();
    expect(served).toHaveLength(TURN_MS / SLICE_MS);
    share.defer(bench.worker('late', SLICE_MS), false);
    await turn();
    expect(served.slice(3)).toEqual(['early-3', 'early-4', 'late']);
  });

  test('serves those that have not used up a slice before those that have, of which one goes on in each turn', async () => {
    const bench = new Bench();
    const { share, served } = bench;
    for (const name of ['heavy-1', 'heavy-2']) share.defer(bench.worker(name, SLICE_MS, 2), true);
    for (let i = 0; i < 4; i++) share.defer(bench.worker(`light-${i}`, SLICE_MS), false);
    await turn();
    expect(served).toEqual(['light-0', 'light-1', 'light-2', 'heavy-1']);
    await turn();
    expect(served.slice(4)).toEqual(['light-3', 'heavy-2', 'heavy-1']);
  });

  test('serves one at least in each turn, however long that takes', async () => {
    const bench = new Bench();
    for (const name of ['a', 'b']) bench.share.defer(bench.worker(name, 10 * TURN_MS), false);
    await turn();
    expect(bench.served).toEqual(['a']);
    await turn();
    expect(bench.served).toEqual(['a', 'b']);
  });
});

describe('the pace of a connection', () => {
  /** Handles packets that take so long each. @returns after how many the time was up. */
  const packetsUntilOver = (bench: Bench, pace: Pace, packetMs: number, isCheap = true): number => {
    pace.begin();
    for (let packets = 1; ; packets++) {
      bench.nowMs += packetMs;
      if (pace.handled(isCheap)) return packets;
    }
  };

  test('costs a client with few packets no look at the clock', () => {
    const bench = new Bench();
    const pace = new Pace(bench.share);
    for (let i = 0; i < 15; i++) expect(pace.handled(true)).toBe(false);
    expect(bench.looks).toBe(0);
    pace.handled(true);
    expect(bench.looks).toBe(1);
  });

  test('looks at the clock after each packet that may take long', () => {
    const bench = new Bench();
    expect(packetsUntilOver(bench, new Pace(bench.share), SLICE_MS, false)).toBe(2);
  });

  test('looks more often where packets take long, and seldom again where they are quick', async () => {
    const bench = new Bench();
    const pace = new Pace(bench.share);
    const slow: number[] = [];
    for (let i = 0; i < 6; i++) {
      slow.push(packetsUntilOver(bench, pace, 5));
      await turn();
    }
    expect(slow[0]).toBe(32);
    expect(slow.at(-1)).toBe(1);
    bench.looks = 0;
    packetsUntilOver(bench, pace, SLICE_MS / 160);
    expect(bench.looks).toBeLessThan(20);
  });
});
