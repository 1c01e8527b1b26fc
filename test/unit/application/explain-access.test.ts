import { expect, test } from '@jest/globals';
import { OpenPolicySource } from '../../../src/adapters/auth/open-policy-source.js';
import { ExplainAccess } from '../../../src/application/explain-access.js';
import { ANONYMOUS } from '../../../src/domain/access/principal.js';

const access = new ExplainAccess(new OpenPolicySource(), { topicBytesMax: 20, topicLevelsMax: 5 });
const ask = (action: 'publish' | 'subscribe', topic: string) =>
  access.explain({ clientId: 'c', principal: ANONYMOUS, action, topic });

test('without rules everything is allowed', () => {
  const rule = 'no rules are configured: everything is allowed';
  expect(ask('publish', 'a/b')).toEqual({ isAllowed: true, rule });
  expect(ask('subscribe', 'a/#')).toEqual({ isAllowed: true, rule });
});

test.each([
  ['publish', 'a/#', 'it is not a valid topic name'],
  ['subscribe', 'a#', 'it is not a valid topic filter'],
  ['publish', '$SYS/x', 'the topic belongs to the server (server_topic)'],
  ['subscribe', 'a/b/c/d/e/f', 'it is not a valid topic filter'],
] as const)('what no rule can allow is refused: to %s to %s', (action, topic, rule) => {
  expect(ask(action, topic)).toEqual({ isAllowed: false, rule });
});
