import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { runSurety } from '../support/broker-process.js';

/** What bash offers for the last of some words. */
const offered = (script: string, ...words: string[]): string[] => {
  const line = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _surety; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', `${script}\n${line}`, 'bash', 'surety', ...words], { encoding: 'utf8' })
    .trim()
    .split('\n');
};

/** What zsh offers there; it picks out what begins as typed by itself. */
const offeredByZsh = (script: string, ...words: string[]): string[] => {
  const stubs = `compdef() {}; compadd() { shift; print -l -- "$@" }; _files() { print files }`;
  const line = `words=("$@"); CURRENT=$#; _surety`;
  const code = `${stubs}\n${script}\n${line}`;
  return execFileSync('zsh', ['-f', '-c', code, 'zsh', 'surety', ...words], { encoding: 'utf8' })
    .trim()
    .split('\n');
};

test('zsh completes them as well', async () => {
  const { stdout: script } = await runSurety(['completion', 'zsh']);
  execFileSync('zsh', ['-n'], { input: script });
  expect(offeredByZsh(script, 'tr')).toEqual(expect.arrayContaining(['trace', 'user', 'ban', 'role']));
  expect(offeredByZsh(script, 'trace', '')).toEqual(['start', 'stop', 'list', '--help']);
  expect(offeredByZsh(script, 'log', 'level', '--component', '')).toEqual(expect.arrayContaining(['audit']));
  expect(offeredByZsh(script, 'backup', '--out', '')).toEqual(['files']);
});

test('bash completes commands, options, and values of which there are few', async () => {
  const { stdout: script } = await runSurety(['completion', 'bash']);
  execFileSync('bash', ['-n'], { input: script });
  expect(offered(script, 'tr')).toEqual(['trace']);
  expect(offered(script, 'trace', 'st')).toEqual(['start', 'stop']);
  expect(offered(script, 'trace', 'start', 'pump-7', '--pay')).toEqual(['--payloads']);
  expect(offered(script, 'log', 'level', '--component', 'au')).toEqual(['audit']);
});
