import { expect, test } from '@jest/globals';
import { type AuditDetail, type AuditEvent, JsonText } from '../../../../src/domain/audit/audit-event.js';
import { detailText } from '../../../../src/domain/audit/canonical-form.js';
import { chained } from '../../../support/made-up-trail.js';

test.each([
  ['', 'plain', 'ä €', '\u{1f600}', ' \u2028', '\x7f'],
  ['"', 'a\\b', 'line\nend', 'tab\there', '\u0000', '\u001f', 'half \ud83d', '\ude00'],
])('a text is what JSON makes of it: %j and others', (...texts) => {
  for (const text of texts) {
    expect(detailText(text)).toBe(JSON.stringify(text));
    expect(detailText({ [text]: text })).toBe(JSON.stringify({ [text]: text }));
  }
});

test('names stand in the order of their UTF-16 code units, also those that look like numbers', () => {
  expect(detailText({ b: 1, '10': 2, '9': [true, null], B: {} })).toBe(
    '{"10":2,"9":[true,null],"B":{},"b":1}',
  );
});

test.each(['a"b\\c', 'nul \u0000', 'half \ud83d'])(
  'JSON that is made already is told like any other: %j',
  (name) => {
    const detailsOf = (publisher: AuditDetail): AuditEvent => ({
      ...{ kind: 'messages.published', atMs: 1, details: { publishers: [publisher] } },
    });
    const [plain] = chained([detailsOf({ clientId: name })]);
    const [made] = chained([detailsOf(new JsonText(detailText({ clientId: name })))]);
    expect(made).toEqual(plain);
  },
);
