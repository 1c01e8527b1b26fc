import { expect, test } from '@jest/globals';
import { AccessRules } from '../../../src/application/access-rules.js';
import { ExplainAccess } from '../../../src/application/explain-access.js';
import { ANONYMOUS } from '../../../src/domain/access/principal.js';

const access = new ExplainAccess(new AccessRules({ sources: [], isRestricted: false }), {
  topicBytesMax: 20,
  topicLevelsMax: 5,
});
const ask = (action: 'publish' | 'subscribe' | 'receive' | 'will', topic: string) =>
  access.explain({ clientId: 'c', principal: ANONYMOUS, action, topic, qos: 0 });

test('without rules everything is allowed', () => {
  const rule = 'no rules are configured: everything is allowed';
  expect(ask('publish', 'a/b')).toMatchObject({ isAllowed: true, rule });
  expect(ask('subscribe', 'a/#')).toMatchObject({ isAllowed: true, rule });
});

test.each([
  ['publish', 'a/#', 'it is not a valid topic name'],
  ['receive', 'a/+', 'it is not a valid topic name'],
  ['subscribe', 'a#', 'it is not a valid topic filter'],
  ['publish', '$SYS/x', 'the topic belongs to the server (server_topic)'],
  ['will', '$SYS/x', 'the topic belongs to the server (server_topic)'],
  ['subscribe', 'a/b/c/d/e/f', 'it is not a valid topic filter'],
] as const)('what no rule can allow is refused: to %s to %s', (action, topic, rule) => {
  expect(ask(action, topic)).toMatchObject({ isAllowed: false, rule });
});

test('the $SYS topics may be received', () => {
  expect(ask('receive', '$SYS/x').isAllowed).toBe(true);
});
