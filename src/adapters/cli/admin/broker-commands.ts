import { readFileSync } from 'node:fs';

import { Argument, type Command, Option } from 'commander';

import { LOG_COMPONENTS, LOG_LEVELS } from '../../../application/ports/log-levels.js';
import { qosOf } from '../arguments.js';
import { EXIT } from '../exit.js';
import { withExamples } from '../examples.js';
import { CommandFailure } from '../failure.js';
import type { Row, StoredLists } from './admin-actions.js';
import { AdminClient, type AdminOptions, withAdminOptions } from './admin-client.js';
import { type AdminTools, callsBroker, inPath, printsList } from './admin-command.js';
import { found, rowsOf } from './stored-pages.js';
import type { Column } from './table-text.js';

const SESSION_COLUMNS: readonly Column[] = [
  ['CLIENT', 'clientId'],
  ['DURABLE', 'durable'],
  ['CONNECTED', 'connected'],
  ['AWAY SINCE', 'disconnectedAt'],
  ['SUBSCRIPTIONS', 'subscriptions'],
  ['IN FLIGHT', 'inflight'],
  ['QUEUED', 'queuedMessages'],
  ['BYTES', 'queuedBytes'],
];

/** `surety client`. */
export function addClient(cli: Command, tools: AdminTools): void {
  const client = cli.command('client').description('those who are connected');
  withExamples(client, [
    ['surety client list --prefix pump-', 'who is connected whose id begins so'],
    ['surety client show pump-7', 'what the broker knows of one'],
    ['surety client kick pump-7', 'end its connection; it may come again'],
  ]);
  printsList(
    client
      .command('list')
      .description('list the connected clients')
      .option('--prefix <text>', 'whose id begins so')
      .option('--principal <name>', 'who have proved this name')
      .option('--address <address>', 'who come from there'),
    {
      columns: [
        ['CLIENT', 'clientId'],
        ['PRINCIPAL', 'principal'],
        ['ADDRESS', 'address'],
        ['LISTENER', 'listener'],
        ['CONNECTED', 'connectedAt'],
        ['SUBSCRIPTIONS', 'subscriptions'],
        ['QUEUED', 'queuedMessages'],
      ],
      path: () => '/v1/clients',
      query: ({ prefix, principal, address }) => textsOf({ prefix, principal, address }),
    },
    tools,
  );
  callsBroker(client.command('show <client>').description('show a connected client'), tools, {
    call: (api, _, id = '') => api.call('GET', `/v1/clients/${inPath(id)}`),
  });
  callsBroker(
    client.command('kick <client>').description('disconnect a client; its will is published'),
    tools,
    {
      call: (api, _, id = '') => api.call('DELETE', `/v1/clients/${inPath(id)}`),
      told: (_, id = '') => `${id} is disconnected\n`,
    },
  );
}

/** `surety session`. */
export function addSession(cli: Command, tools: AdminTools): void {
  const session = cli.command('session').description('what the broker keeps for clients, there or away');
  withExamples(session, [
    ['surety session list --away --json', 'the sessions of absent clients, an object a line'],
    ['surety session delete pump-7', 'subscriptions, queue and all'],
  ]);
  printsList(
    session
      .command('list')
      .description('list the sessions')
      .option('--prefix <text>', 'of clients whose id begins so')
      .addOption(new Option('--connected', 'of clients that are there').conflicts('away'))
      .option('--away', 'of clients that are away'),
    {
      columns: SESSION_COLUMNS,
      path: () => '/v1/sessions',
      query: ({ prefix, connected, away }) => ({
        ...textsOf({ prefix }),
        connected: away === true ? false : connected === true ? true : undefined,
      }),
      stored: ({ lists }, { prefix, connected }) =>
        connected === true ? nothing() : lists.sessions(textsOf({ prefix })),
    },
    tools,
  );
  callsBroker(session.command('show <client>').description('show a session'), tools, {
    call: (api, _, id = '') => api.call('GET', `/v1/sessions/${inPath(id)}`),
    stored: ({ lists }, _, id = '') => storedSession(lists, id),
  });
  callsBroker(
    session
      .command('delete <client>')
      .description('delete a session with its subscriptions and its queue; its client is disconnected'),
    tools,
    {
      call: (api, _, id = '') => api.call('DELETE', `/v1/sessions/${inPath(id)}`),
      told: (_, id = '') => `the session of ${id} is deleted\n`,
    },
  );
}

/** `surety subscription`. */
export function addSubscription(cli: Command, tools: AdminTools): void {
  const subscription = cli.command('subscription').description('who subscribes to what');
  withExamples(subscription, [
    ['surety subscription list --topic plant/7/state', 'who gets what is published there'],
    ['surety subscription list --client pump-7', 'what one client subscribes to'],
  ]);
  printsList(
    subscription
      .command('list')
      .description('list subscriptions')
      .option('--client <id>', 'those of this client')
      .option('--filter <filter>', 'those with this filter, character for character')
      .option('--topic <topic>', 'those whose filter matches this topic'),
    {
      columns: [
        ['CLIENT', 'clientId'],
        ['FILTER', 'filter'],
        ['QOS', 'qos'],
      ],
      path: () => '/v1/subscriptions',
      query: ({ client: clientId, filter, topic }) => textsOf({ clientId, filter, topic }),
      stored: ({ lists }, { client: clientId, filter, topic }) => {
        if (filter === undefined && topic === undefined) return lists.subscriptions(textsOf({ clientId }));
        throw new CommandFailure('--filter and --topic need a running broker', EXIT.unreachable);
      },
    },
    tools,
  );
}

/** `surety retained`. */
export function addRetained(cli: Command, tools: AdminTools): void {
  const retained = cli.command('retained').description('what topics retain');
  withExamples(retained, [
    ["surety retained list 'plant/+/state'", 'those that a filter matches'],
    ['surety retained get plant/7/state', 'the payload itself, for a file or a pipe'],
    ["surety retained clear 'plant/7/#'", 'subscribers are told nothing'],
  ]);
  printsList(
    retained.command('list [filter]').description('list retained messages'),
    {
      columns: [
        ['TOPIC', 'topic'],
        ['QOS', 'qos'],
        ['PUBLISHED', 'publishedAt'],
        ['BYTES', 'payloadBytes'],
        ['PAYLOAD', 'payloadText'],
      ],
      path: () => '/v1/retained',
      query: (_, filter) => ({ filter }),
      stored: ({ lists }, _, filter) => lists.retained(filter === undefined ? {} : { filter }),
    },
    tools,
  );
  withAdminOptions(
    retained.command('get <topic>').description('write the payload of a retained message as it is'),
  ).action(async (topic: string, options: AdminOptions) => {
    const { actions, output } = tools;
    const message = await AdminClient.open(options, actions).call('GET', `/v1/retained/${inPath(topic)}`);
    if (options.json === true) output.out(`${JSON.stringify(message)}\n`);
    else output.bytes(Buffer.from(String(message['payloadBase64']), 'base64'));
  });
  callsBroker(
    retained.command('clear <filter>').description('clear the retained messages that a filter matches'),
    tools,
    {
      call: (api, _, filter = '') => api.call('DELETE', '/v1/retained', { query: { filter } }),
      told: ({ cleared }) => `${String(cleared)} cleared\n`,
    },
  );
}

/** `surety queue`. */
export function addQueue(cli: Command, tools: AdminTools): void {
  const queue = cli.command('queue').description('what waits for clients');
  withExamples(queue, [
    ['surety queue list', 'whose queues hold something'],
    ['surety queue show pump-7', 'read it, and take nothing away'],
    ['surety queue purge pump-7', 'throw away what was never sent'],
  ]);
  printsList(
    queue.command('list').description('list the sessions in which something waits'),
    {
      columns: SESSION_COLUMNS,
      path: () => '/v1/sessions',
      query: () => ({ queuedMin: 1 }),
      stored: ({ lists }) => queuedOnly(lists.sessions({})),
    },
    tools,
  );
  printsList(
    queue.command('show <client>').description('read what a session owes its client, and take nothing away'),
    {
      columns: [
        ['SEQUENCE', 'sequence'],
        ['STAGE', 'stage'],
        ['QOS', 'qos'],
        ['TOPIC', 'topic'],
        ['BYTES', 'payloadBytes'],
        ['PAYLOAD', 'payloadText'],
      ],
      path: (id = '') => `/v1/sessions/${inPath(id)}/queue`,
      stored: async function* ({ lists }, _, id = '') {
        await storedSession(lists, id);
        yield* lists.queue(id);
      },
    },
    tools,
  );
  callsBroker(
    queue.command('purge <client>').description('throw away what waits for a client and was never sent'),
    tools,
    {
      call: (api, _, id = '') => api.call('DELETE', `/v1/sessions/${inPath(id)}/queue`),
      told: ({ messages }) => `${String(messages)} thrown away\n`,
    },
  );
}

/** `surety status`, `surety publish`, `surety log`. */
export function addBroker(cli: Command, tools: AdminTools): void {
  const status = cli.command('status').description('show how the broker does');
  withExamples(status, [
    ['surety status', 'every figure, a line each'],
    ['surety status --json | jq .ready', 'for scripts; exit code 4 when no broker runs'],
  ]);
  callsBroker(status, tools, { call: (api) => api.call('GET', '/v1/status') });
  const publish = cli
    .command('publish <topic> [payload]')
    .description('publish a message')
    .option('--file <file>', 'the payload; - is standard input')
    .option('--qos <level>', '0, 1 or 2', qosOf, 0)
    .option('--retain', 'have the topic retain it');
  withExamples(publish, [
    ['surety publish plant/7/set on --qos 1', 'a text'],
    ['surety publish plant/7/image --file photo.jpg', 'a file as it is'],
  ]);
  callsBroker(publish, tools, {
    call: (api, { file, qos, retain = false }, topic = '', text) => {
      const payload =
        typeof file === 'string' ? readFileSync(file === '-' ? 0 : file) : Buffer.from(text ?? '');
      const body = { topic, payloadBase64: payload.toString('base64'), qos, retain };
      return api.call('POST', '/v1/publish', { body });
    },
    told: ({ sessions }) => `sent to ${String(sessions)} session${sessions === 1 ? '' : 's'}\n`,
  });
  const log = cli.command('log').description('what the broker logs');
  withExamples(log, [
    ['surety log level', 'how much each part logs'],
    ['surety log level debug --component connections', 'until the broker stops, or is told otherwise'],
  ]);
  callsBroker(
    log
      .command('level')
      .addArgument(new Argument('[level]', 'what to log from now on').choices(LOG_LEVELS))
      .description(`show, or set, how much is logged: ${LOG_LEVELS.join(', ')}`)
      .addOption(new Option('--component <name>', 'of this part alone').choices(LOG_COMPONENTS)),
    tools,
    {
      call: async (api, { component }, level) => {
        if (level === undefined) return api.call('GET', '/v1/log/levels');
        const { levels } = await api.call('PUT', '/v1/log/levels', { body: { level, component } });
        return levels as Record<string, unknown>;
      },
    },
  );
}

/** @throws CommandFailure when the database holds no such session. */
async function storedSession(lists: StoredLists, clientId: string): Promise<Row> {
  const [session] = await rowsOf(lists.sessions({ clientId }));
  return found(session, `session of ${clientId}`);
}

/** Options as query parameters. */
function textsOf(options: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

// eslint-disable-next-line @typescript-eslint/require-await, require-yield
async function* nothing(): AsyncGenerator<never> {
  return;
}

async function* queuedOnly(pages: AsyncIterable<readonly Readonly<Record<string, unknown>>[]>) {
  for await (const page of pages) yield page.filter(({ queuedMessages }) => Number(queuedMessages) > 0);
}
