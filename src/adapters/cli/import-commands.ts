import type { Command } from 'commander';
import { withExamples } from './examples.js';
import { type JsonOption, withJsonOption } from './outcome.js';
import type { CliOutput } from './terminal-output.js';

export interface ImportOptions {
  /** The file to write; must not be there. Without it: standard output. */
  readonly out?: string;
}

/** What was made of a configuration of another broker. */
export interface Imported {
  /** What goes to standard output. */
  readonly text: string;
  /** What could not be taken over as it was, a line for each. */
  readonly notes: readonly string[];
}

/** @throws Error that says what to do, when a file can't be read or written. */
export type ImportAction = (file: string, options: ImportOptions) => Imported;

/** `surety import mosquitto`. */
export function addImport(cli: Command, importMosquitto: ImportAction, output: CliOutput): void {
  const imports = cli.command('import').description('take over the configuration of another broker');
  withExamples(imports, [
    ['surety import mosquitto /etc/mosquitto/mosquitto.conf --out surety.yaml', 'and name what is lost'],
    ['surety config check --config surety.yaml', 'whether it can be started with'],
  ]);
  withJsonOption(imports.command('mosquitto <file>'))
    .description('translate a mosquitto.conf, and name line by line what could not be taken over')
    .option('--out <file>', 'the configuration file to write; without it: standard output')
    .action((file: string, options: ImportOptions & JsonOption) => {
      const { text, notes } = importMosquitto(file, options);
      if (options.json === true) {
        const made = options.out === undefined ? { configuration: text } : { file: options.out };
        return output.out(`${JSON.stringify({ ...made, notes })}\n`);
      }
      output.out(text);
      for (const note of notes) output.err(`${note}\n`);
    });
}
