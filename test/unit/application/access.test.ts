import { beforeEach, describe, expect, test } from '@jest/globals';
import { AccessRules } from '../../../src/application/access-rules.js';
import { ReloadAccess } from '../../../src/application/reload-access.js';
import { Will } from '../../../src/domain/will/will.js';
import { MadeUpRules } from '../../support/access-rules.js';
import { connected, connectRequest } from '../../support/connect-request.js';
import { FakeLink } from '../../support/fake-link.js';
import { FakeTrail } from '../../support/fake-trail.js';
import { type MadeBroker, makeBroker } from '../../support/make-broker.js';
import { makeMessage, topicFilter } from '../../support/make-message.js';

let source: MadeUpRules;
let trail: FakeTrail;
let made: MadeBroker;
let reloadAccess: ReloadAccess;

const begin = async (...texts: string[]): Promise<void> => {
  source = new MadeUpRules(texts);
  trail = new FakeTrail();
  const rules = new AccessRules({ sources: [source], isRestricted: true });
  made = makeBroker({ policies: rules, trail });
  reloadAccess = new ReloadAccess({ rules, policies: rules, ...made });
  await reloadAccess.readFirst();
};
const change = (...texts: string[]): Promise<boolean> => {
  source.texts = texts;
  return reloadAccess.reload();
};
const request = (filter: string, qos: 0 | 1 | 2 = 1) => ({ filter: topicFilter(filter), qos });
const durable = { cleanSession: false };
const payloads = (link: FakeLink): string[] => link.takePublishes().map(({ payload }) => payload);

beforeEach(() => begin('allow all #'));

describe('a refusal', () => {
  test('is told with the rule that explains it', async () => {
    await begin('allow all #', 'deny all no/#');
    const { client } = await connected(made.broker);
    made.broker.publish(client, makeMessage('no/x'), 0);
    made.broker.subscribe(client, 1, [request('no/+')]);
    const refused = new FakeLink();
    await made.broker.connect(
      connectRequest({ clientId: 'w', will: new Will(makeMessage('no/w')) }),
      refused,
    );
    const rule = 'deny all no/# (test)';
    expect(trail.events.filter((event) => event.rule !== undefined)).toMatchObject([
      { kind: 'publish.denied', reason: 'not_authorized', rule, topic: 'no/x' },
      { kind: 'subscription.denied', reason: 'not_authorized', rule, topic: 'no/+' },
      { kind: 'connection.refused', reason: 'will_denied', rule, topic: 'no/w' },
    ]);
  });

  test('of one filter leaves the others of a SUBSCRIBE as they are', async () => {
    await begin('allow read yes', 'allow read low');
    const { client, link } = await connected(made.broker);
    made.broker.subscribe(client, 7, [request('yes', 2), request('no'), request('low', 1)]);
    expect(link.sent).toMatchObject([{ type: 'suback', packetId: 7, codes: [2, 0x80, 1] }]);
  });
});

/** What has been decided, as `action provider result: count`. */
const decided = (): string[] =>
  [...made.broker.counters.authorizations.entries()].flatMap(([action, provider, result, count]) =>
    count > 0 ? `${action} ${provider} ${result}: ${count}` : [],
  );

describe('a decision is counted by action, result', () => {
  test('and by whose rule it was', async () => {
    await begin('allow all a/#', 'deny publish a/x');
    const { client } = await connected(made.broker, { will: new Will(makeMessage('a/gone')) });
    for (const topic of ['a/x', 'a/b', 'a/c', 'a/b']) made.broker.publish(client, makeMessage(topic), 0);
    made.broker.publish(client, makeMessage('a/b', 'kept', 1, true), 1);
    made.broker.subscribe(client, 1, [request('b'), request('a/#'), request('c')]);
    const will = new Will(makeMessage('b'));
    await made.broker.connect(connectRequest({ clientId: 'w', will }), new FakeLink());
    expect(decided()).toEqual([
      ...['publish roles allowed: 4', 'publish roles denied: 1'],
      ...['subscribe roles allowed: 1', 'subscribe none denied: 2'],
      ...['will roles allowed: 1', 'will none denied: 1'],
    ]);
  });

  test('and as nobody’s where there are no rules', async () => {
    made = makeBroker();
    const { client } = await connected(made.broker);
    made.broker.publish(client, makeMessage('a'), 0);
    made.broker.subscribe(client, 1, [request('a')]);
    expect(decided()).toEqual(['publish none allowed: 1', 'subscribe none allowed: 1']);
  });

  test('but for publishes to topics of the server, which no rule decides about', async () => {
    const { client } = await connected(made.broker, { will: new Will(makeMessage('$SYS/fake')) });
    made.broker.publish(client, makeMessage('$SYS/fake'), 0);
    expect([decided(), made.broker.counters.dropped.server_topic]).toEqual([[], 2]);
  });
});

describe('a subscription that reaches further than its rules', () => {
  beforeEach(() => begin('allow all #', 'deny read secret/#'));

  test('gets neither live nor retained messages of what it may not receive', async () => {
    const { client, link } = await connected(made.broker);
    made.broker.publish(client, makeMessage('secret/kept', 'kept secret', 1, true), 1);
    made.broker.publish(client, makeMessage('open/kept', 'kept', 1, true), 2);
    made.broker.subscribe(client, 1, [request('#')]);
    made.broker.publish(client, makeMessage('secret/x', 'secret', 1), 3);
    made.broker.publish(client, makeMessage('open/x', 'open', 0), 0);
    expect(payloads(link)).toEqual(['kept', 'open']);
    expect(made.broker.counters.dropped.receive_denied).toBe(2);
  });

  test('keeps nothing of it for an absent client either', async () => {
    const reader = await connected(made.broker, { clientId: 'reader', ...durable });
    made.broker.subscribe(reader.client, 1, [request('#')]);
    made.broker.endConnection(reader.client, { end: 'lost', reason: 'peer_closed' });
    const { client } = await connected(made.broker);
    made.broker.publish(client, makeMessage('secret/x', 'secret', 1), 1);
    made.broker.publish(client, makeMessage('open/x', 'open', 1), 2);
    expect(reader.client.session.owedCount).toBe(1);
    expect(payloads((await connected(made.broker, { clientId: 'reader', ...durable })).link)).toEqual([
      'open',
    ]);
  });
});

describe('rules that change', () => {
  test('count at once for those who are connected', async () => {
    const { client, link } = await connected(made.broker);
    made.broker.subscribe(client, 1, [request('a'), request('b')]);
    expect(await change('allow all a')).toBe(true);
    made.broker.publish(client, makeMessage('a', 'yes'), 0);
    made.broker.publish(client, makeMessage('b', 'no'), 0);
    expect([payloads(link), [...client.session.subscriptions.keys()]]).toEqual([['yes'], ['a']]);
    expect(trail.of('access.changed')).toMatchObject([
      { details: { source: 'made up', before: 'allow all #', after: 'allow all a', rules: 1 } },
    ]);
    expect(trail.of('subscription.removed')).toMatchObject([
      { clientId: 'client', reason: 'not_authorized', rule: 'no rule allows it', topic: 'b' },
    ]);
  });

  test('hold back what waits for a client already', async () => {
    const reader = await connected(made.broker, { clientId: 'reader', ...durable });
    made.broker.subscribe(reader.client, 1, [request('a'), request('b')]);
    made.broker.endConnection(reader.client, { end: 'lost', reason: 'peer_closed' });
    const { client } = await connected(made.broker);
    for (const topic of ['a', 'b', 'a']) made.broker.publish(client, makeMessage(topic, topic, 1), 1);
    await change('allow all a');
    const back = await connected(made.broker, { clientId: 'reader', ...durable });
    expect([payloads(back.link), [...back.client.session.subscriptions.keys()]]).toEqual([['a', 'a'], ['a']]);
    expect(back.client.session.waitingCount).toBe(0);
  });

  test('let an absent client have what they allow now', async () => {
    await begin('allow all #', 'deny read b');
    const reader = await connected(made.broker, { clientId: 'reader', ...durable });
    made.broker.subscribe(reader.client, 1, [request('#')]);
    made.broker.endConnection(reader.client, { end: 'lost', reason: 'peer_closed' });
    await change('allow all #');
    const { client } = await connected(made.broker);
    made.broker.publish(client, makeMessage('b', 'now', 1), 1);
    expect(payloads((await connected(made.broker, { clientId: 'reader', ...durable })).link)).toEqual([
      'now',
    ]);
  });

  test('keep the will of a client that may not publish it any more', async () => {
    const watcher = await connected(made.broker, { clientId: 'watcher' });
    made.broker.subscribe(watcher.client, 1, [request('#')]);
    const { client } = await connected(made.broker, { will: new Will(makeMessage('w', 'will')) });
    await change('allow all #', 'deny will w');
    made.broker.endConnection(client, { end: 'lost', reason: 'peer_closed' });
    expect(payloads(watcher.link)).toEqual([]);
    expect(trail.of('publish.denied')).toMatchObject([
      { reason: 'will_denied', rule: 'deny will w (test)', topic: 'w' },
    ]);
  });

  test('that cannot be read stay as they were, and that is an error', async () => {
    source.fault = 'acl:3: unknown word';
    await expect(reloadAccess.reload()).rejects.toThrow('acl:3: unknown word');
    const { client, link } = await connected(made.broker);
    made.broker.subscribe(client, 1, [request('a')]);
    expect([link.sent.length, trail.of('access.changed')]).toEqual([1, []]);
  });

  test('and say the same as before change nothing', async () => {
    expect(await reloadAccess.reload()).toBe(false);
    expect(trail.of('access.changed')).toEqual([]);
  });
});

describe('other sources in place of those before', () => {
  const origins = (...sources: MadeUpRules[]) => ({ sources, isRestricted: true });

  test('count for those who are connected once they are in force, and not before', async () => {
    const { client, link } = await connected(made.broker);
    made.broker.subscribe(client, 1, [request('a'), request('b')]);
    const { apply } = await reloadAccess.prepare(origins(new MadeUpRules(['allow all a'])));
    expect([...client.session.subscriptions.keys()]).toEqual(['a', 'b']);
    apply();
    expect([...client.session.subscriptions.keys()]).toEqual(['a']);
    made.broker.publish(client, makeMessage('b'), 0);
    expect(payloads(link)).toEqual([]);
    expect(trail.of('access.changed')).toMatchObject([
      { details: { source: 'made up', before: 'allow all #', after: 'allow all a', rules: 1 } },
    ]);
  });

  test('of which one can not be read leave those before', async () => {
    const broken = new MadeUpRules([]);
    broken.fault = 'acl:3: unknown word';
    await expect(reloadAccess.prepare(origins(new MadeUpRules([]), broken))).rejects.toThrow('acl:3');
    const { client, link } = await connected(made.broker);
    made.broker.subscribe(client, 1, [request('a', 0)]);
    expect(link.sent).toMatchObject([{ type: 'suback', codes: [0] }]);
  });

  test('may be none: then everybody may do everything', async () => {
    await begin('deny all #');
    const { client, link } = await connected(made.broker);
    (await reloadAccess.prepare({ sources: [], isRestricted: false })).apply();
    made.broker.subscribe(client, 1, [request('a', 0)]);
    expect(link.sent).toMatchObject([{ type: 'suback', codes: [0] }]);
    expect(trail.of('access.changed')).toMatchObject([
      { details: { source: 'made up', before: 'deny all #', after: null, rules: 0 } },
    ]);
  });

  test('tell of their changes by themselves, as long as they are among those', async () => {
    const listeners: (() => void)[] = [];
    const table = new MadeUpRules(['allow all #']);
    const telling = Object.assign(table, { onChange: (tell: () => void) => void listeners.push(tell) });
    let changes = 0;
    reloadAccess.onChange(() => (changes += 1));
    const take = async (...sources: MadeUpRules[]) =>
      (await reloadAccess.prepare(origins(...sources))).apply();
    await take(telling);
    listeners[0]?.();
    await take(source);
    listeners[0]?.();
    await take(telling);
    listeners[0]?.();
    expect([changes, listeners.length]).toEqual([2, 1]);
  });
});

test('a start without rules that can be read fails with all faults', async () => {
  const [one, other] = [new MadeUpRules([]), new MadeUpRules([])];
  one.fault = 'one is broken';
  other.fault = 'so is the other';
  await expect(new AccessRules({ sources: [one, other], isRestricted: true }).readAll()).rejects.toThrow(
    'one is broken\nso is the other',
  );
});
