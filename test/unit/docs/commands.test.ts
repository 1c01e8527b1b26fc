import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { commandTree } from '../../../src/adapters/cli/cli.js';
import { faultText } from '../../../src/adapters/config/config-fault.js';
import { loadConfig } from '../../../src/adapters/config/load-config.js';
import { pageScript } from '../../docs/page-script.js';
import { allPages } from '../../docs/pages.js';
import { NO_ACTIONS } from '../../support/no-cli-actions.js';
import { runCommand } from '../../support/run-command.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const pages = allPages(root).map((page) => ({ page, text: readFileSync(join(root, page), 'utf8') }));
/** What operators are given beside the pages, with commands in it. */
const FILES = [
  'deploy/systemd/surety.service',
  'deploy/compose/env.example',
  'docker-compose.yml',
  'Dockerfile',
];

/** The blocks of a page in a language, whatever else its fence says. */
function blocksOf(text: string, language: string): string[] {
  const fenced = new RegExp(`^ *\`\`\`${language}(?: .*)?\n([^]*?)^ *\`\`\``, 'gm');
  return [...text.matchAll(fenced)].map(([, block]) => block ?? '');
}

/** What stands behind `surety` in blocks and between backquotes; to the end of that command. */
function calledIn(text: string): string[] {
  const blocks = blocksOf(text, 'sh').join('\n').replaceAll('\\\n', ' ');
  const spans = [...text.matchAll(/`((?:surety|node bin\/surety\.js) [^`]+)`/g)].map(([, span]) => span);
  const sources = `${blocks}\n${spans.join('\n')}`;
  return [...sources.matchAll(/(?:^|[|(&;=] ?)(?:surety|(?:node )?\S*bin\/surety\.js) (.*)$/gm)].map(
    ([, rest]) => rest ?? '',
  );
}

/** The words of a command, as a shell takes them; what is piped, put in a file or said behind `#` is left out. */
function wordsOf(command: string): string[] {
  const [own = ''] = /^(?:'[^']*'|"[^"]*"|[^'"|>&;#)])*/.exec(command) ?? [];
  return [...own.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replace(/['"]/g, ''));
}

/** `surety ban` and the like: the name of a command or of a group of them, and nothing behind it. */
function isName(words: readonly string[]): boolean {
  const find = (command: Command | undefined, word: string): Command | undefined =>
    command?.commands.find((child) => child.name() === word);
  return words.reduce(find, commandTree(NO_ACTIONS)) !== undefined;
}

describe('the commands in the documentation', () => {
  const called = [
    ...pages,
    ...FILES.map((page) => ({ page, text: readFileSync(join(root, page), 'utf8') })),
  ].flatMap(({ page, text }) => calledIn(text).map((command) => ({ page, command })));

  test('are found', () => {
    const names = new Set(called.map(({ page }) => page));
    expect([...names]).toEqual(
      expect.arrayContaining(['README.md', 'docs/backup.md', 'docs/troubleshooting.md']),
    );
    expect(wordsOf(`audit search --topic 'a b/#' --reason "x" > f # why`)).toEqual([
      'audit',
      'search',
      '--topic',
      'a b/#',
      '--reason',
      'x',
    ]);
  });

  test.each(called)('$page: surety $command', async ({ command }) => {
    const words = wordsOf(command).filter((word) => word !== '...');
    if (isName(words)) return;
    const { err } = await runCommand(words, {});
    expect(err).not.toMatch(/^error:|Usage:/m);
  });
});

describe.each(pages)('$page', ({ text }) => {
  test('has shell commands that a shell can read, those included that nobody runs', () => {
    for (const block of blocksOf(text, 'sh')) execFileSync('bash', ['-n'], { input: block, stdio: 'pipe' });
    execFileSync('bash', ['-n'], { input: pageScript(text), stdio: 'pipe' });
  });

  test('names scripts of npm that are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const named = [...text.matchAll(/\bnpm run ([a-z0-9:-]+)/g)].map(([, name]) => name ?? '');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test('has examples of configuration that the broker takes', () => {
    for (const block of blocksOf(text, 'yaml')) expect(faultsOf(block)).toEqual([]);
  });
});

/** Parts of a configuration are put where they belong. */
function faultsOf(example: string): string[] {
  const value = parse(example) as unknown;
  const indented = example.replace(/^/gm, '    ');
  const isPart = typeof value === 'object' && value !== null && Object.keys(value).join() === 'tls';
  const text = Array.isArray(value)
    ? `authentication:\n  providers:\n${example}`
    : isPart
      ? `listeners:\n  - port: 8883\n${indented}`
      : example;
  const folder = mkdtempSync(join(tmpdir(), 'surety-docs-'));
  try {
    const file = join(folder, 'surety.yaml');
    writeFileSync(file, text);
    const result = loadConfig({ file, env: {} });
    return 'faults' in result ? result.faults.map(faultText) : [];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
