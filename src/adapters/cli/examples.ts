import type { Command } from 'commander';

/** A command line, and what it is for. */
export type Example = readonly [line: string, purpose: string];

const examples = new WeakMap<Command, readonly Example[]>();

/** Adds examples to a command's help, and to its page in the reference. */
export function withExamples(command: Command, lines: readonly Example[]): Command {
  examples.set(command, lines);
  const width = Math.max(...lines.map(([line]) => line.length));
  const text = lines.map(([line, purpose]) => `  ${line.padEnd(width)}  ${purpose}`).join('\n');
  return command.addHelpText('after', `\nExamples:\n${text}`);
}

export function examplesOf(command: Command): readonly Example[] {
  return examples.get(command) ?? [];
}
