import type { Command } from 'commander';

/** What a command has come to, for people and for programs. */
export interface Outcome {
  readonly lines: readonly string[];
  readonly json: Readonly<Record<string, unknown>>;
}

export interface JsonOption {
  readonly json?: boolean;
}

/** Adds the option that a program asks with. */
export function withJsonOption(command: Command): Command {
  return command.option('--json', 'print the outcome as JSON');
}

/** An outcome as it was asked for. */
export function outcomeText({ lines, json }: Outcome, { json: isJson }: JsonOption): string {
  return isJson === true ? `${JSON.stringify(json)}\n` : lines.map((line) => `${line}\n`).join('');
}
