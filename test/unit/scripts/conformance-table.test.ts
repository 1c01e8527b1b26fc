import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  conformanceTable,
  NOT_OFFERED,
  renderMarkdown,
  renderText,
  serverStatements,
  type TestResult,
} from '../../../scripts/conformance-table.js';

const statements = [
  { id: 'MQTT-1.0.0-1', appliesTo: 'server', level: 'MUST', requirement: 'First | thing' },
  { id: 'MQTT-1.0.0-2', appliesTo: 'both', level: 'MUST NOT', requirement: 'Second thing' },
];
const none = new Map<string, string>();
const passed = (title: string): TestResult => ({ title, status: 'passed' });
const failed = (title: string): TestResult => ({ title, status: 'failed' });

describe('the conformance table', () => {
  test('has no fault when each statement has a test that passed', () => {
    const table = conformanceTable(
      statements,
      [passed('a [MQTT-1.0.0-1]'), passed('b [MQTT-1.0.0-2]')],
      none,
    );
    expect(table.faults).toEqual([]);
    expect(table.rows.map(({ tests, result }) => [tests, result])).toEqual([
      [1, 'pass'],
      [1, 'pass'],
    ]);
  });

  test('names a statement without a test', () => {
    const table = conformanceTable(statements, [passed('a [MQTT-1.0.0-1]')], none);
    expect(table.faults).toEqual(['MQTT-1.0.0-2 has no test']);
    expect(table.rows[1]).toMatchObject({ tests: 0, result: 'no test' });
  });

  test('names a test that failed, and fails each statement of it', () => {
    const tests = [passed('a [MQTT-1.0.0-1]'), failed('b [MQTT-1.0.0-1] [MQTT-1.0.0-2]')];
    const table = conformanceTable(statements, tests, none);
    expect(table.faults).toEqual(['failed: b [MQTT-1.0.0-1] [MQTT-1.0.0-2]']);
    expect(table.rows.map(({ tests: count, result }) => [count, result])).toEqual([
      [2, 'fail'],
      [1, 'fail'],
    ]);
  });

  test('does not count a test that was left out', () => {
    const tests = [{ title: 'a [MQTT-1.0.0-1]', status: 'pending' }, passed('b [MQTT-1.0.0-2]')];
    const { faults } = conformanceTable(statements, tests, none);
    expect(faults).toEqual(['did not run (pending): a [MQTT-1.0.0-1]', 'MQTT-1.0.0-1 has no test']);
  });

  test('names an id in a title that is no statement for a server', () => {
    const tests = [passed('a [MQTT-1.0.0-1] [MQTT-9.9.9-9]'), passed('b [MQTT-1.0.0-2]')];
    expect(conformanceTable(statements, tests, none).faults).toEqual([
      'no statement for a server has the id MQTT-9.9.9-9: a [MQTT-1.0.0-1] [MQTT-9.9.9-9]',
    ]);
  });

  test('counts an id once that stands twice in a title', () => {
    const table = conformanceTable(statements, [passed('a [MQTT-1.0.0-1] [MQTT-1.0.0-1]')], none);
    expect(table.rows[0]?.tests).toBe(1);
  });

  test('fails on a failed test without an id too, and counts the ones without', () => {
    const tests = [passed('a [MQTT-1.0.0-1] [MQTT-1.0.0-2]'), passed('plain'), failed('other')];
    expect(conformanceTable(statements, tests, none)).toMatchObject({
      otherTests: 2,
      faults: ['failed: other'],
    });
  });

  test('lets a statement about what is not offered go without a test, and says so', () => {
    const table = conformanceTable(
      statements,
      [passed('a [MQTT-1.0.0-1]')],
      new Map([['MQTT-1.0.0-2', 'no door']]),
    );
    expect(table.faults).toEqual([]);
    expect(table.rows[1]?.result).toBe('not offered: no door');
  });

  test('wants the exception gone once a test bears its id', () => {
    const tests = [passed('a [MQTT-1.0.0-1]'), passed('b [MQTT-1.0.0-2]')];
    const { faults } = conformanceTable(statements, tests, new Map([['MQTT-1.0.0-2', 'no door']]));
    expect(faults).toEqual(['MQTT-1.0.0-2 has a test now: take it off the list of what is not offered']);
  });

  test('names an exception that is no statement', () => {
    const tests = [passed('a [MQTT-1.0.0-1] [MQTT-1.0.0-2]')];
    const { faults } = conformanceTable(statements, tests, new Map([['MQTT-5.5.5-5', 'no door']]));
    expect(faults).toEqual(['the exception MQTT-5.5.5-5 is no statement for a server']);
  });
});

describe('the statements', () => {
  test('are read from CSV with commas and quotes inside quotes, without those for clients', () => {
    const csv =
      'id,applies_to,level,requirement\nA,server,MUST,"x, ""y"" z"\nB,client,MUST,"c"\nC,both,MUST NOT,plain\n';
    expect(serverStatements(csv)).toEqual([
      { id: 'A', appliesTo: 'server', level: 'MUST', requirement: 'x, "y" z' },
      { id: 'C', appliesTo: 'both', level: 'MUST NOT', requirement: 'plain' },
    ]);
  });

  test('of a line with a field too few are refused', () => {
    expect(() => serverStatements('id,applies_to,level,requirement\nA,server,MUST\n')).toThrow(
      'not four fields: A',
    );
  });

  test('of MQTT 3.1.1 are 132 for a server, and the exceptions are among them', () => {
    const csv = readFileSync(new URL('../../../docs/spec/mqtt-3.1.1.csv', import.meta.url), 'utf8');
    const ids = serverStatements(csv).map(({ id }) => id);
    expect(ids).toHaveLength(132);
    expect(ids).toEqual(expect.arrayContaining([...NOT_OFFERED.keys()]));
  });
});

describe('the document', () => {
  const table = conformanceTable(statements, [passed('a [MQTT-1.0.0-1]'), passed('plain')], none);

  test('has a row for each statement, bars escaped, and the sums', () => {
    const text = renderMarkdown(table);
    expect(text).toContain('| MQTT-1.0.0-1 | MUST | First \\| thing | 1 | pass |');
    expect(text).toContain('| MQTT-1.0.0-2 | MUST NOT | Second thing | 0 | no test |');
    expect(text).toContain(
      'Of 2 statements, 1 pass, 0 concern what the broker does not offer, and 1 are open.',
    );
  });

  test('is the same for the same results, in whatever order they came', () => {
    const tests = [passed('a [MQTT-1.0.0-1]'), passed('b [MQTT-1.0.0-2]'), passed('c [MQTT-1.0.0-1]')];
    const [one, other] = [tests, [...tests].reverse()].map((each) =>
      renderMarkdown(conformanceTable(statements, each, none)),
    );
    expect(one).toBe(other);
  });

  test('for a terminal has id, level, tests and result in columns', () => {
    expect(renderText(table).split('\n')).toEqual([
      'MQTT-1.0.0-1    MUST          1  pass',
      'MQTT-1.0.0-2    MUST NOT      0  no test',
      'without an id                 1',
    ]);
  });
});
