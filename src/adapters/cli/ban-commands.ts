import { type Command, InvalidArgumentError } from 'commander';
import { type AddressRange, parseAddressRange } from '../../domain/access/address-range.js';
import type { Ban, BanSubject } from '../../domain/access/ban.js';
import { type ConfigOptions, withConfigOption } from './config-option.js';
import type { CliOutput } from './terminal-output.js';

/** A ban to be imposed. */
export interface NewBan extends BanSubject {
  readonly reason: string;
  /** Milliseconds; undefined for good. */
  readonly forMs: number | undefined;
}

/** What is done to bans, whether or not the broker runs. Each throws Error that says what to do. */
export interface BanActions {
  add(options: ConfigOptions, ban: NewBan): Promise<void>;
  remove(options: ConfigOptions, subject: BanSubject): Promise<void>;
  list(options: ConfigOptions): Promise<readonly Ban[]>;
}

interface SubjectOptions extends ConfigOptions {
  readonly address?: AddressRange;
  readonly client?: string;
  readonly user?: string;
}

interface AddOptions extends SubjectOptions {
  readonly for?: number;
  readonly reason: string;
}

/** `surety ban ...` */
export function addBan(cli: Command, actions: BanActions, output: CliOutput): void {
  const ban = cli
    .command('ban')
    .description('keep clients out; of several options all have to be true of a client');
  withSubject(ban.command('add').description('impose a ban; connections that it names end'))
    .option('--for <time>', 'how long, such as 30s, 15m, 12h or 7d; without it: for good', durationOf)
    .option('--reason <text>', 'why, for the audit trail', 'by hand')
    .action(async ({ for: forMs, reason, ...options }: AddOptions) => {
      await actions.add(options, { ...subjectOf(options), reason, forMs });
      output.out('banned\n');
    });
  withSubject(ban.command('remove').description('lift a ban, named as it was imposed')).action(
    async (options: SubjectOptions) => {
      await actions.remove(options, subjectOf(options));
      output.out('lifted\n');
    },
  );
  withConfigOption(ban.command('list'))
    .description('list the bans that hold: whom, until when, why, and by whom')
    .action(async (options: ConfigOptions) => {
      for (const listed of await actions.list(options)) output.out(`${banText(listed)}\n`);
    });
}

function withSubject(command: Command): Command {
  return withConfigOption(command)
    .option('--address <range>', 'an address, or a range such as 192.0.2.0/24', rangeOf)
    .option('--client <id>', 'a client id')
    .option('--user <name>', 'a user name');
}

function subjectOf({ address, client: clientId, user: userName }: SubjectOptions): BanSubject {
  if (address === undefined && clientId === undefined && userName === undefined)
    throw new Error('say whom: --address, --client or --user');
  return { address, clientId, userName };
}

function banText({ address, clientId, userName, expiresAtMs, reason, by }: Ban): string {
  const parts = [
    ...(address === undefined ? [] : [`address ${address.text}`]),
    ...(clientId === undefined ? [] : [`client ${JSON.stringify(clientId)}`]),
    ...(userName === undefined ? [] : [`user ${JSON.stringify(userName)}`]),
  ];
  const until = expiresAtMs === undefined ? 'for good' : `until ${new Date(expiresAtMs).toISOString()}`;
  return [parts.join(', '), until, reason, by].join('\t');
}

function rangeOf(text: string): AddressRange {
  const range = parseAddressRange(text);
  if (range !== undefined) return range;
  throw new InvalidArgumentError(
    'It must be an address such as 192.0.2.1 or 2001:db8::1, or a range such as 192.0.2.0/24.',
  );
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function durationOf(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (UNITS_MS[unit] ?? 0);
  throw new InvalidArgumentError('It must look like 30s, 15m, 12h or 7d.');
}
