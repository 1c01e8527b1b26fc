import { expect, test } from '@jest/globals';
import { pageScript } from '../../docs/page-script.js';

const page = (...lines: string[]): string => lines.join('\n');

test('commands stand in the lines that they have in the page, and nothing else does', () => {
  expect(pageScript(page('# Title', '', '```sh', 'a', 'b', '```', 'text', '```yaml', 'x: 1', '```'))).toBe(
    page('', '', '', 'a', 'b', '', '', '', '', ''),
  );
});

test('a block in the background is left running', () => {
  expect(pageScript(page('```sh background', 'a', '```'))).toBe(page('{', 'a', '} & in_background $!'));
});

test('a block with a name becomes a file, and what is expected is looked for', () => {
  expect(pageScript(page('```yaml file=a.yaml', 'x: $1', '```'))).toBe(
    page("cat > a.yaml <<'END_OF_BLOCK'", 'x: $1', 'END_OF_BLOCK'),
  );
  expect(pageScript(page('```text output', '230', '```'))).toBe(
    page("printed <<'END_OF_BLOCK'", '230', 'END_OF_BLOCK'),
  );
});

test('a block that nobody runs is left out, with a reason', () => {
  expect(pageScript(page('```sh not-run: it takes Docker', 'a', '```'))).toBe(page('', '', ''));
  expect(() => pageScript(page('```sh not-run', 'a', '```'))).toThrow('not-run');
});

test('a step that readers do not see is run', () => {
  expect(pageScript('<!-- run: given_broker -->')).toBe('given_broker');
});

test.each(['sh bakground', 'sh file', 'sql background'])(
  'words that mean nothing are a fault: %s',
  (info) => {
    expect(() => pageScript(page('```' + info, 'a', '```'))).toThrow(info);
  },
);

test('a page whose last block does not end is a fault', () => {
  expect(() => pageScript(page('```sh', 'a'))).toThrow('does not end');
});
