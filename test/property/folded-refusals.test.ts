import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FoldedRefusals } from '../../src/application/folded-refusals.js';
import type { AuditEvent } from '../../src/domain/audit/audit-event.js';

const FOLD_MS = 10_000;
const SETTINGS = { foldSeconds: FOLD_MS / 1000 };
const countOf = ({ details }: AuditEvent): number => Number(details?.['count'] ?? 1);
const sum = (events: readonly AuditEvent[]): number =>
  events.reduce((total, event) => total + countOf(event), 0);

const refusal = fc.record({
  kind: fc.constantFrom(
    'connection.refused' as const,
    'publish.denied' as const,
    'queue.overflowed' as const,
  ),
  clientId: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
  address: fc.constantFrom('192.0.2.1', '192.0.2.2'),
  reason: fc.constantFrom('not_authorized', 'bad_credentials'),
  topic: fc.option(fc.constantFrom('t', 'u'), { nil: undefined }),
});
const step = fc.oneof(
  { weight: 5, arbitrary: refusal.map((event) => ({ event, count: 1 })) },
  { weight: 1, arbitrary: fc.record({ event: refusal, count: fc.integer({ min: 2, max: 1000 }) }) },
  { weight: 2, arbitrary: fc.record({ waitMs: fc.integer({ min: 0, max: 15_000 }) }) },
);

describe('refusals', () => {
  test('are told in their exact number, for each kind and reason, at any time and at the end', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const records: AuditEvent[] = [];
        const given: AuditEvent[] = [];
        const folded = new FoldedRefusals((event) => records.push(event), SETTINGS);
        let nowMs = 1_000_000;
        for (const each of steps) {
          if ('waitMs' in each) {
            nowMs += each.waitMs;
            folded.sweep(nowMs);
            continue;
          }
          const event = { ...each.event, atMs: nowMs };
          given.push(each.count === 1 ? event : { ...event, details: { count: each.count } });
          folded.add(event, each.count);
          expect(sum(records)).toBeLessThanOrEqual(sum(given));
        }
        folded.close();
        const of = (events: readonly AuditEvent[], kind: string, reason: string) =>
          sum(events.filter((event) => event.kind === kind && event.reason === reason));
        for (const kind of ['connection.refused', 'publish.denied', 'queue.overflowed'])
          for (const reason of ['not_authorized', 'bad_credentials'])
            expect(of(records, kind, reason)).toBe(of(given, kind, reason));
      }),
    );
  });

  test('say of those that they count only what is true of all', () => {
    fc.assert(
      fc.property(fc.array(refusal, { minLength: 2, maxLength: 30 }), (events) => {
        const records: AuditEvent[] = [];
        const folded = new FoldedRefusals((event) => records.push(event), SETTINGS);
        for (const event of events) folded.add({ ...event, atMs: 1 });
        folded.close();
        for (const { kind, reason, clientId, address, topic } of records.filter((event) => event.details)) {
          const meant = events.filter((event) => event.kind === kind && event.reason === reason);
          const same = meant.filter((event) => event.clientId === clientId && event.address === address);
          expect(same.length).toBeGreaterThan(1);
          if (topic !== undefined) expect(same.map((event) => event.topic)).toContain(topic);
        }
      }),
    );
  });
});

describe('a storm', () => {
  const storm = (event: (i: number) => Partial<AuditEvent>, refusals = 100_000): AuditEvent[] => {
    const records: AuditEvent[] = [];
    const folded = new FoldedRefusals((each) => records.push(each), SETTINGS);
    for (let i = 0; i < refusals; i += 1) {
      const atMs = Math.floor(i / 10);
      folded.add({ kind: 'connection.refused', reason: 'not_authorized', atMs, ...event(i) });
      if (i % 10_000 === 9999) folded.sweep(atMs);
    }
    folded.close();
    expect(sum(records)).toBe(refusals);
    return records;
  };

  test('of one client takes two records in all that time', () => {
    const records = storm(() => ({ clientId: 'c', address: '192.0.2.1' }));
    expect(records.map(countOf)).toEqual([1, 99_999]);
    expect(records[1]).toMatchObject({
      clientId: 'c',
      details: { count: 99_999, firstAtMs: 0, lastAtMs: 9999 },
    });
  });

  test('under ever new names from one address takes few', () => {
    const records = storm((i) => ({ clientId: `c${i}`, address: '192.0.2.1' }));
    expect(records.length).toBeLessThan(30);
    expect(records.at(-1)).toMatchObject({ address: '192.0.2.1', clientId: undefined });
  });

  test('under ever new names from ever new addresses takes no more than there is room for', () => {
    const records = storm((i) => ({ clientId: `c${i}`, address: `2001:db8::${i.toString(16)}` }));
    expect(records.length).toBeLessThan(2100);
    expect(records.some((event) => event.address === undefined && countOf(event) > 50_000)).toBe(true);
  });
});
