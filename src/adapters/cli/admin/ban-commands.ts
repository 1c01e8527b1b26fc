import type { Command } from 'commander';

import type { AddressRange } from '../../../domain/access/address-range.js';
import type { Ban, BanSubject } from '../../../domain/access/ban.js';
import { durationOf, rangeOf } from '../arguments.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit.js';
import { CommandFailure } from '../failure.js';
import type { Row } from './admin-actions.js';
import { type AdminTools, callsBroker, printsList } from './admin-command.js';
import { DURABLE, found } from './stored-pages.js';

interface SubjectOptions {
  readonly address?: AddressRange;
  readonly client?: string;
  readonly user?: string;
}

interface AddOptions extends SubjectOptions {
  readonly for?: number;
  readonly reason: string;
}

/** `surety ban ...` */
export function addBan(cli: Command, tools: AdminTools): void {
  const ban = cli
    .command('ban')
    .description('keep clients out; of several options all have to be true of a client');
  withExamples(ban, [
    ['surety ban add --address 192.0.2.0/24 --for 1h', 'a network, for an hour'],
    ['surety ban add --client pump-7 --reason stolen', 'a client id, for good'],
    ['surety ban list', 'whom, until when, why, and by whom'],
    ['surety ban remove --client pump-7', 'named as it was imposed'],
  ]);
  callsBroker(
    withSubject(ban.command('add').description('impose a ban; connections that it names end'))
      .option('--for <time>', 'how long, such as 30s, 15m, 12h or 7d; without it: for good', durationOf)
      .option('--reason <text>', 'why, for the audit trail', 'by hand'),
    tools,
    {
      call: (api, options) => {
        const { for: forMs, reason } = options as unknown as AddOptions;
        const seconds = forMs === undefined ? undefined : forMs / 1000;
        return api.call('POST', '/v1/bans', { body: { ...subjectRow(subjectOf(options)), reason, seconds } });
      },
      stored: async ({ bans, caller }, options) => {
        const { for: forMs, reason } = options as unknown as AddOptions;
        const createdAtMs = Date.now();
        const expiresAtMs = forMs === undefined ? undefined : createdAtMs + forMs;
        const { principal: by } = caller;
        await bans.add({ ...subjectOf(options), reason, by, createdAtMs, expiresAtMs }, caller);
        return DURABLE;
      },
      told: () => 'banned\n',
    },
  );
  callsBroker(withSubject(ban.command('remove').description('lift a ban, named as it was imposed')), tools, {
    call: (api, options) => api.call('DELETE', '/v1/bans', { query: subjectRow(subjectOf(options)) }),
    stored: async ({ bans, caller }, options) => {
      const isLifted = await bans.remove(subjectOf(options), caller);
      found(isLifted || undefined, 'such ban, named as it was imposed: "surety ban list" shows them');
      return DURABLE;
    },
    told: () => 'lifted\n',
  });
  printsList(
    ban.command('list').description('list the bans that hold'),
    {
      columns: [
        ['ADDRESS', 'address'],
        ['CLIENT', 'clientId'],
        ['USER', 'user'],
        ['UNTIL', 'expiresAt'],
        ['REASON', 'reason'],
        ['BY', 'by'],
      ],
      path: () => '/v1/bans',
      stored: async function* ({ bans }) {
        yield (await bans.load(Date.now())).map(banRow);
      },
    },
    tools,
  );
}

function withSubject(command: Command): Command {
  return command
    .option('--address <range>', 'an address, or a range such as 192.0.2.0/24', rangeOf)
    .option('--client <id>', 'a client id')
    .option('--user <name>', 'a user name');
}

/** @throws CommandFailure when nobody is named. */
function subjectOf({ address, client: clientId, user: userName }: SubjectOptions): BanSubject {
  if (address === undefined && clientId === undefined && userName === undefined)
    throw new CommandFailure('say whom: --address, --client or --user', EXIT.wrongUsage);
  return { address, clientId, userName };
}

/** As the admin API names them; what is absent is left out. */
function subjectRow({ address, clientId, userName }: BanSubject): Record<string, string> {
  return {
    ...(address === undefined ? {} : { address: address.text }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(userName === undefined ? {} : { user: userName }),
  };
}

function banRow(ban: Ban): Row {
  const { reason, by, createdAtMs, expiresAtMs } = ban;
  const end = expiresAtMs === undefined ? {} : { expiresAt: new Date(expiresAtMs).toISOString() };
  return { ...subjectRow(ban), reason, by, createdAt: new Date(createdAtMs).toISOString(), ...end };
}
