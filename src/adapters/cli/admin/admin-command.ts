import type { Command } from 'commander';

import { countOf } from '../arguments.js';
import type { CliOutput } from '../terminal-output.js';
import type { AdminActions, Row, Stored } from './admin-actions.js';
import { AdminClient, type AdminOptions, BrokerAway, type Query, withAdminOptions } from './admin-client.js';
import { type Column, fieldLines, TableText } from './table-text.js';

/** What commands about a broker are made with. */
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
  /** The same from the database, for when no broker answers. */
  readonly stored?: (stored: Stored, options: Row, ...names: string[]) => AsyncIterable<readonly Row[]>;
}

/** Something that a command has a broker do. */
export interface CallCommand {
  readonly call: (api: AdminClient, options: Row, ...names: string[]) => Promise<Row>;
  /** The same in the database, for when no broker answers; undefined for what isn't safe, or isn't there. */
  readonly stored?: (stored: Stored, options: Row, ...names: string[]) => Promise<Row>;
  /** What to say of the answer to people; else every field. */
  readonly told?: (answer: Row, ...names: string[]) => string;
}

const STORED_NOTE = 'surety: no broker answers here: this is what its database holds\n';
const UNDURABLE = 'surety: done, and not yet durable: the database is away\n';

/** Has a command print a list. */
export function printsList(command: Command, list: ListCommand, tools: AdminTools): Command {
  const { actions, output } = tools;
  return withAdminOptions(command)
    .option('--limit <items>', 'no more than so many', countOf)
    .action(async (...all: unknown[]) => {
      const { names, options } = parts<AdminOptions & { readonly limit?: number }>(all);
      const { path, query, stored } = list;
      const print = printer(list.columns, options, output);
      const pages = await either(
        actions,
        options,
        (api) => api.list(path(...names), query?.(options as Row, ...names) ?? {}, options.limit),
        stored &&
          (() =>
            actions.withStored(options, async (database) => {
              output.err(STORED_NOTE);
              await print(stored(database, options as Row, ...names));
              return undefined;
            })),
      );
      if (pages !== undefined) await print(pages);
    });
}

/** Has a command do something, and print the answer. */
export function callsBroker(
  command: Command,
  { actions, output }: AdminTools,
  { call, stored, told = (answer) => fieldLines(answer) }: CallCommand,
): Command {
  return withAdminOptions(command).action(async (...all: unknown[]) => {
    const { names, options } = parts<AdminOptions>(all);
    const answer = await either(
      actions,
      options,
      (api) => call(api, options as Row, ...names),
      stored && (() => actions.withStored(options, (database) => stored(database, options as Row, ...names))),
    );
    output.out(options.json === true ? `${JSON.stringify(answer)}\n` : told(answer, ...names));
    if (answer['durable'] === false) output.err(UNDURABLE);
  });
}

/**
 * Asks the broker, or does without it where none answers. @param away Undefined for what only a broker can do.
 * @throws CommandFailure that says what to do.
 */
export async function either<T>(
  actions: AdminActions,
  options: AdminOptions,
  running: (api: AdminClient) => Promise<T>,
  away: (() => Promise<T>) | undefined,
): Promise<T> {
  try {
    return await running(AdminClient.open(options, actions));
  } catch (error) {
    if (!(error instanceof BrokerAway) || away === undefined || options.url !== undefined) throw error;
    return away();
  }
}

/** A name in a path of the admin API. */
export function inPath(name: string): string {
  return encodeURIComponent(name);
}

/** What commander gives an action: the arguments, the options, the command. */
function parts<Options>(all: readonly unknown[]): { names: string[]; options: Options } {
  return { names: all.slice(0, -2) as string[], options: all.at(-2) as Options };
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
