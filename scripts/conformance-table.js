/**
 * From the numbered statements and the results of the tests to the table of docs/conformance.md.
 * Pure: reads no file and no clock.
 */

/** Statements about what this broker does not offer. An entry must go when a test bears its id. */
export const NOT_OFFERED = new Map([['MQTT-7.0.0-1', 'no bridge to other servers']]);

const ID_IN_TITLE = /\[(MQTT-\d+\.\d+\.\d+-\d+)\]/g;

/**
 * Reads the CSV of the statements: a header line, then id, applies_to, level, requirement.
 * @returns the statements that bind a server.
 * @throws Error when a line has not the four fields.
 */
export function serverStatements(csv) {
  const rows = csv.trimEnd().split(/\r?\n/).map(fieldsOf);
  return rows
    .slice(1)
    .map(([id, appliesTo, level, requirement, ...rest]) => {
      if (requirement === undefined || rest.length > 0) throw new Error(`not four fields: ${id}`);
      return { id, appliesTo, level, requirement };
    })
    .filter(({ appliesTo }) => appliesTo === 'server' || appliesTo === 'both');
}

function fieldsOf(line) {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain : quoted.replaceAll('""', '"'),
  );
}

/**
 * Lays the tests beside the statements.
 * @param tests Title and status, as Jest reports them; one that did not run does not count.
 * @param notOffered What the broker does not offer, by id, with the reason.
 * @returns the rows, the number of tests that bear no id, and every fault in words; no faults means conforming.
 */
export function conformanceTable(statements, tests, notOffered = NOT_OFFERED) {
  const counts = new Map(statements.map(({ id }) => [id, { passed: 0, failed: 0 }]));
  const faults = [];
  let otherTests = 0;
  for (const { title, status } of tests) {
    if (status === 'failed') faults.push(`failed: ${title}`);
    else if (status !== 'passed') faults.push(`did not run (${status}): ${title}`);
    const ids = new Set([...title.matchAll(ID_IN_TITLE)].map(([, id]) => id));
    if (ids.size === 0) otherTests += 1;
    for (const id of ids) {
      const count = counts.get(id);
      if (count === undefined) faults.push(`no statement for a server has the id ${id}: ${title}`);
      else if (status === 'passed' || status === 'failed') count[status] += 1;
    }
  }
  for (const id of notOffered.keys()) {
    if (!counts.has(id)) faults.push(`the exception ${id} is no statement for a server`);
  }
  const rows = statements.map((statement) => rowOf(statement, counts.get(statement.id), notOffered, faults));
  return { rows, otherTests, faults };
}

function rowOf({ id, level, requirement }, { passed, failed }, notOffered, faults) {
  const tests = passed + failed;
  const reason = notOffered.get(id);
  if (reason !== undefined && tests > 0) {
    faults.push(`${id} has a test now: take it off the list of what is not offered`);
  }
  if (reason === undefined && tests === 0) faults.push(`${id} has no test`);
  const untested = reason === undefined ? 'no test' : `not offered: ${reason}`;
  const result = failed > 0 ? 'fail' : passed > 0 ? 'pass' : untested;
  return { id, level, requirement, tests, result };
}

/** The table as Markdown; the same input gives the same text. */
export function renderMarkdown({ rows, otherTests }) {
  const passed = rows.filter(({ result }) => result === 'pass').length;
  const notOffered = rows.filter(({ result }) => result.startsWith('not offered')).length;
  const open = rows.length - passed - notOffered;
  const lines = rows.map(
    ({ id, level, requirement, tests, result }) =>
      `| ${id} | ${level} | ${requirement.replaceAll('|', '\\|')} | ${tests} | ${result} |`,
  );
  return `# Conformance to MQTT 3.1.1

<!-- Written by \`npm run conformance\`. Changes by hand are lost. -->

Each numbered statement of the standard that binds a server, in our own words, with the number of tests whose
title bears its id. The tests are in \`test/conformance/\`; they speak raw bytes over TCP to a running broker. A test may
show several statements. ${otherTests} more tests show what the standard says without a number, and the choices
that it leaves to the broker.

Of ${rows.length} statements, ${passed} pass, ${notOffered} concern what the broker does not offer, and ${open} are open.

| Id | Level | Statement | Tests | Result |
| --- | --- | --- | ---: | --- |
${lines.join('\n')}
`;
}

/** The table for a terminal: id, level, number of tests, result. */
export function renderText({ rows, otherTests }) {
  const lines = rows.map(
    ({ id, level, tests, result }) =>
      `${id.padEnd(16)}${level.padEnd(10)}${String(tests).padStart(5)}  ${result}`,
  );
  return [...lines, `${'without an id'.padEnd(26)}${String(otherTests).padStart(5)}`].join('\n');
}
