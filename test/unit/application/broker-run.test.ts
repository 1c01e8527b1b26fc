import { expect, test } from '@jest/globals';
import { AuditRecorder } from '../../../src/application/audit-recorder.js';
import { BrokerRun } from '../../../src/application/broker-run.js';
import { OverflowWatch } from '../../../src/application/overflow-watch.js';
import type { PreviousRun } from '../../../src/application/ports/audit-trail.js';
import { FakeTrail } from '../../support/fake-trail.js';
import { ManualClock } from '../../support/manual-clock.js';

const FOUND = { sessions: 2, subscriptions: 3, retainedMessages: 4, messages: 5, wills: 1 };

const makeRun = (previous?: PreviousRun, isAudited = true) => {
  const clock = new ManualClock();
  const trail = new FakeTrail(previous);
  const audit = new AuditRecorder(trail, clock, { foldSeconds: 10 });
  const overflows = new OverflowWatch(audit, { queuePolicy: 'dropOldest' }, clock);
  const run = new BrokerRun(trail, audit, overflows, {
    version: '1.2.3',
    configuration: 'c2',
    settings: { 'listeners[0].port': 1884, persistence: 'memory' },
    isAudited,
  });
  return { trail, audit, clock, run };
};
const after = (lastKind: PreviousRun['lastKind'], configuration = 'c2'): PreviousRun => ({
  lastKind,
  configuration,
});

test('a first start and an orderly stop are told, and nothing was recovered', async () => {
  const { trail, run } = makeRun();
  await run.begin();
  run.restored(FOUND);
  run.end();
  run.end();
  expect(trail.events).toMatchObject([
    { kind: 'broker.started', details: { version: '1.2.3', configuration: 'c2' } },
    { kind: 'broker.stopped' },
  ]);
});

test('a start behind a crash tells what was found', async () => {
  const { trail, run } = makeRun(after('broker.started'));
  await run.begin();
  run.restored(FOUND);
  expect(trail.events).toMatchObject([
    { kind: 'broker.started' },
    { kind: 'broker.recovered', details: FOUND },
  ]);
});

test('a start with another configuration says so; a stop before it leaves nothing to recover', async () => {
  const { trail, run } = makeRun(after('broker.stopped', 'c1'));
  await run.begin();
  run.restored(FOUND);
  expect(trail.events.map(({ kind }) => kind)).toEqual(['broker.started', 'configuration.changed']);
  expect(trail.events[1]?.details).toEqual({ before: 'c1', after: 'c2' });
});

test('a start with another configuration names the keys that are other than in the run before', async () => {
  const settings = { 'listeners[0].port': 1885, dataDir: '/x', persistence: 'memory' };
  const { trail, run } = makeRun({ ...after('broker.stopped', 'c1'), settings });
  await run.begin();
  expect(trail.events[0]?.details).toMatchObject({ settings: { 'listeners[0].port': 1884 } });
  expect(trail.events[1]?.details).toEqual({
    before: 'c1',
    after: 'c2',
    keys: ['dataDir', 'listeners[0].port'],
  });
});

test('a start without the trail is its last record, once', async () => {
  const first = makeRun(after('broker.stopped'), false);
  await first.run.begin();
  first.run.restored(FOUND);
  first.run.end();
  expect(first.trail.events).toMatchObject([{ kind: 'audit.disabled', details: { configuration: 'c2' } }]);
  const second = makeRun(after('audit.disabled'), false);
  await second.run.begin();
  expect(second.trail.events).toEqual([]);
});

test('an end tells the refusals that were counted up to then, and then itself', async () => {
  const { trail, audit, clock, run } = makeRun();
  await run.begin();
  for (let i = 0; i < 3; i += 1) audit.refused('publish.denied', { clientId: 'c' }, { topic: 't' });
  run.end();
  expect(trail.events.slice(2)).toMatchObject([
    { kind: 'publish.denied', details: { count: 2 } },
    { kind: 'broker.stopped' },
  ]);
  expect(clock.tickerCount).toBe(0);
});
