import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { QoS } from '../../src/domain/qos.js';
import { MatchMemory } from '../../src/domain/subscription/match-memory.js';
import type { Subscription } from '../../src/domain/subscription/subscription.js';
import { topicFilter, topicName } from '../support/make-message.js';
import { matchesByRegExp } from '../support/matches-by-reg-exp.js';

const TOPIC = topicName('a/b/c');
/** As much as it takes for the memory to prefer changes over a new search. */
const HARD_TO_FIND = 1_000_000;
const filters = fc.constantFrom('#', 'a/#', 'a/+/c', '+/b/c', 'a/b/+', 'x/#', '+/b');
const subscribers = fc.constantFrom('x', 'y', 'z');

/** What the memory has to say: of each subscriber the highest quality of its filters that match. */
function highestOf(subscriptions: Iterable<Subscription<string>>): Map<string, QoS> {
  const highest = new Map<string, QoS>();
  for (const { subscriber, filter, qos } of subscriptions)
    if (matchesByRegExp(filter, TOPIC) && (highest.get(subscriber) ?? -1) < qos) highest.set(subscriber, qos);
  return highest;
}

describe('remembered matches', () => {
  const changes = fc.array(
    fc.record({
      subscriber: subscribers,
      filter: filters,
      qos: fc.option(fc.constantFrom<QoS[]>(0, 1, 2), { nil: undefined }),
      isAsked: fc.boolean(),
    }),
    { maxLength: 40, size: 'max' },
  );

  test('are brought up to date as a new search would find them, or have to be looked for', () => {
    let kept = 0;
    fc.assert(
      fc.property(changes, (script) => {
        const memory = new MatchMemory<string>();
        const model = new Map<string, Subscription<string>>();
        memory.set(TOPIC, [], HARD_TO_FIND);
        for (const { subscriber, filter: raw, qos, isAsked } of script) {
          const filter = topicFilter(raw);
          const key = `${subscriber} ${filter}`;
          if (qos === undefined) model.delete(key);
          else model.set(key, { subscriber, filter, qos });
          memory.changed(qos === undefined ? { subscriber, filter } : { subscriber, filter, qos });
          if (!isAsked) continue;
          const found = memory.get(TOPIC);
          if (found === undefined) {
            const highest = highestOf(model.values());
            const matches = [...model.values()].filter(
              (each) => matchesByRegExp(each.filter, TOPIC) && highest.get(each.subscriber) === each.qos,
            );
            memory.set(
              TOPIC,
              [...new Map(matches.map((each) => [each.subscriber, each])).values()],
              HARD_TO_FIND,
            );
            continue;
          }
          kept++;
          expect(new Map(found.map((each) => [each.subscriber, each.qos]))).toEqual(
            highestOf(model.values()),
          );
          expect(found).toHaveLength(new Set(found.map((each) => each.subscriber)).size);
        }
      }),
      { numRuns: 300 },
    );
    expect(kept).toBeGreaterThan(0);
  });

  test('are looked for anew when that is less work than to go through the changes', () => {
    const memory = new MatchMemory<string>();
    memory.set(TOPIC, [], 3);
    memory.changed({ subscriber: 's', filter: topicFilter('x/#'), qos: 0 });
    expect(memory.get(TOPIC)).toBeUndefined();
  });

  test('of a subscriber that is gone are let go, also where it has unsubscribed before', () => {
    const memory = new MatchMemory<string>();
    const gone = { subscriber: 's', filter: topicFilter('a/#'), qos: 1 } as const;
    memory.set(TOPIC, [gone], HARD_TO_FIND);
    memory.dropStale();
    expect(memory.get(TOPIC)).toEqual([gone]);
    memory.changed({ subscriber: 's', filter: gone.filter });
    memory.dropStale();
    expect(memory.get(TOPIC)).toBeUndefined();
  });

  test('start anew after very many changes, and are right from then on', () => {
    const memory = new MatchMemory<string>();
    memory.set(TOPIC, [], HARD_TO_FIND);
    const change = { subscriber: 's', filter: topicFilter('a/#'), qos: 1 } as const;
    for (let i = 0; i < 5000; i++) memory.changed(change);
    expect(memory.get(TOPIC)).toBeUndefined();
    memory.set(TOPIC, [change], HARD_TO_FIND);
    memory.changed({ subscriber: 't', filter: topicFilter('+/b/#'), qos: 0 });
    expect(memory.get(TOPIC)?.map(({ subscriber }) => subscriber)).toEqual(['s', 't']);
  });
});
