import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';

import type { CliOutput } from '../terminal-output.js';
import type { AdminActions, Row, StoredLists } from './admin-actions.js';
import { AdminClient, type AdminOptions, BrokerAway, type Query, withAdminOptions } from './admin-client.js';
import { type Column, fieldLines, TableText } from './table-text.js';

/** What commands about a running broker are made with. */
export interface AdminTools {
  readonly actions: AdminActions;
  readonly output: CliOutput;
}

/** A list that a command prints. */
export interface ListCommand {
  readonly columns: readonly Column[];
  /** The list in the admin API, by the command's arguments and options. */
  readonly path: (...names: string[]) => string;
  readonly query?: (options: Row, ...names: string[]) => Query;
  /** The same from the database, for when the broker doesn't run. */
  readonly stored?: (lists: StoredLists, options: Row, ...names: string[]) => AsyncIterable<readonly Row[]>;
}

const STORED_NOTE = "surety: the broker isn't running: this is what its database holds\n";

/** Has a command print a list. */
export function printsList(command: Command, list: ListCommand, { actions, output }: AdminTools): Command {
  return withAdminOptions(command)
    .option('--limit <items>', 'no more than so many', countOf)
    .action(async (...all: unknown[]) => {
      const names = all.slice(0, -2) as string[];
      const options = all.at(-2) as AdminOptions & { readonly limit?: number };
      const print = printer(list.columns, options, output);
      try {
        const client = AdminClient.open(options, actions);
        await print(
          client.list(list.path(...names), list.query?.(options as Row, ...names) ?? {}, options.limit),
        );
      } catch (error) {
        const { stored } = list;
        if (!(error instanceof BrokerAway) || stored === undefined || options.url !== undefined) throw error;
        await actions.withStored(options, async (lists) => {
          output.err(STORED_NOTE);
          await print(stored(lists, options as Row, ...names));
        });
      }
    });
}

/** Has a command call the broker, and print what it answers. @param told What to say of it to people; else every field. */
export function callsBroker(
  command: Command,
  { actions, output }: AdminTools,
  call: (client: AdminClient, options: Row, ...names: string[]) => Promise<Row>,
  told: (answer: Row, ...names: string[]) => string = (answer) => fieldLines(answer),
): Command {
  return withAdminOptions(command).action(async (...all: unknown[]) => {
    const names = all.slice(0, -2) as string[];
    const options = all.at(-2) as AdminOptions;
    const answer = await call(AdminClient.open(options, actions), options as Row, ...names);
    output.out(options.json === true ? `${JSON.stringify(answer)}\n` : told(answer, ...names));
    if (answer['durable'] === false) output.err(UNDURABLE);
  });
}

const UNDURABLE = 'surety: done, and not yet durable: the database is away\n';

/** A whole number from 1 on. */
export function countOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 on.');
}

/** A name in a path of the admin API. */
export function inPath(name: string): string {
  return encodeURIComponent(name);
}

function printer(
  columns: readonly Column[],
  { json, limit = Infinity }: AdminOptions & { limit?: number },
  output: CliOutput,
) {
  const table = new TableText(columns);
  const textOf = (rows: readonly Row[]): string =>
    json === true ? rows.map((row) => `${JSON.stringify(row)}\n`).join('') : table.page(rows);
  return async (pages: AsyncIterable<readonly Row[]>): Promise<void> => {
    let printed = 0;
    for await (const page of pages) {
      const rows = page.slice(0, limit - printed);
      printed += rows.length;
      if (rows.length > 0 && !(await output.stream(textOf(rows)))) return;
      if (printed >= limit) return;
    }
    if (printed === 0) output.err('surety: there are none\n');
  };
}
