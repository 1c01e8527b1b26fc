import { setTimeout as pause } from 'node:timers/promises';

import type { Command } from 'commander';

import { countOf, countUpTo } from '../arguments.js';
import { withExamples } from '../examples.js';
import type { Row } from './admin-actions.js';
import { AdminClient, type AdminOptions, withAdminOptions } from './admin-client.js';
import type { AdminTools } from './admin-command.js';
import { TableText } from './table-text.js';

/** A reading of the broker, and when it was taken, in milliseconds. */
interface Reading {
  readonly atMs: number;
  readonly status: Row;
}

/** A day. */
const INTERVAL_SECONDS_MAX = 86_400;
/** Of those whose queue holds something, so many are looked at, and so many shown. */
const QUEUES_READ = 500;
const QUEUES_SHOWN = 12;

/** `surety top`: a screen that refreshes until it is interrupted. */
export function addTop(cli: Command, { actions, output }: AdminTools): void {
  const top = cli
    .command('top')
    .description('watch the broker: a screen that refreshes, until Ctrl-C')
    .option('--interval <seconds>', 'how often, up to a day', countUpTo(INTERVAL_SECONDS_MAX), 2)
    .option('--count <times>', 'end after so many readings', countOf);
  withExamples(top, [
    ['surety top', 'every two seconds'],
    ['surety top --count 2 --interval 10', 'rates over ten seconds, then end'],
  ]);
  withAdminOptions(top).action(
    async ({
      interval,
      count = Infinity,
      ...options
    }: AdminOptions & { interval: number; count?: number }) => {
      const api = AdminClient.open(options, actions);
      let before: Reading | undefined;
      for (let shown = 1; shown <= count; shown++) {
        const now: Reading = { atMs: performance.now(), status: await api.call('GET', '/v1/status') };
        const queues = await longestQueues(api);
        const rates = ratesBetween(before, now);
        const text =
          options.json === true
            ? `${JSON.stringify({ ...now.status, rates, queues })}\n`
            : frame(now.status, rates, queues);
        if (!(await (options.json === true ? output.stream(text) : output.screen(text)))) return;
        before = now;
        if (shown < count) await pause(interval * 1000);
      }
    },
  );
}

async function longestQueues(api: AdminClient): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const page of await api.list('/v1/sessions', { queuedMin: 1, limit: QUEUES_READ }, QUEUES_READ))
    rows.push(...page);
  return rows
    .sort((a, b) => numberIn(b, 'queuedMessages') - numberIn(a, 'queuedMessages'))
    .slice(0, QUEUES_SHOWN);
}

/** What comes and goes in a second; zero until there are two readings. */
function ratesBetween(before: Reading | undefined, { atMs, status }: Reading): Record<string, number> {
  const seconds = before === undefined ? Infinity : (atMs - before.atMs) / 1000;
  const now = totalsOf(status);
  const then = before === undefined ? now : totalsOf(before.status);
  return Object.fromEntries(
    Object.entries(now).map(([name, total]) => [name, Math.round((total - (then[name] ?? 0)) / seconds)]),
  );
}

function totalsOf(status: Row): Record<string, number> {
  const messages = groupIn(status, 'messages');
  return {
    messagesIn: sumOf(groupIn(messages, 'received')),
    messagesOut: sumOf(groupIn(messages, 'sent')),
    dropped: sumOf(groupIn(messages, 'dropped')),
    bytesIn: numberIn(messages, 'receivedBytes'),
    bytesOut: numberIn(messages, 'sentBytes'),
    commits: numberIn(status, 'commits'),
  };
}

function frame(status: Row, rates: Readonly<Record<string, number>>, queues: readonly Row[]): string {
  const rate = (name: string): string => (rates[name] ?? 0).toLocaleString('en');
  const total = (name: string): string => numberIn(status, name).toLocaleString('en');
  const ready = status['ready'] === true ? 'ready' : `NOT READY: ${String(status['storeFailure'])}`;
  const lines = [
    `surety ${String(status['version'])} on ${String(status['node'])}, up ${uptime(numberIn(status, 'uptimeSeconds'))}, ${ready}`,
    '',
    `connections ${total('connections')}   sessions ${total('sessions')}   subscriptions ${total('subscriptions')}   retained ${total('retainedMessages')}`,
    `in    ${rate('messagesIn')} msg/s   ${rate('bytesIn')} B/s`,
    `out   ${rate('messagesOut')} msg/s   ${rate('bytesOut')} B/s   dropped ${rate('dropped')} msg/s`,
    `journal   ${rate('commits')} commits/s   ${total('journalPendingBytes')} B waiting   audit trail at ${total('auditSequence')}`,
    '',
  ];
  const table = new TableText([
    ['LONGEST QUEUES', 'clientId'],
    ['CONNECTED', 'connected'],
    ['IN FLIGHT', 'inflight'],
    ['QUEUED', 'queuedMessages'],
    ['BYTES', 'queuedBytes'],
  ]);
  return `${lines.join('\n')}\n${queues.length === 0 ? 'no queue holds anything\n' : table.page(queues)}`;
}

function uptime(seconds: number): string {
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  return days > 0 ? `${days} d ${hours} h` : `${hours} h ${minutes} min`;
}

function groupIn(row: Row, name: string): Row {
  return (row[name] ?? {}) as Row;
}

function numberIn(row: Row, name: string): number {
  return Number(row[name] ?? 0);
}

function sumOf(counts: Row): number {
  return Object.values(counts).reduce<number>((sum, count) => sum + Number(count), 0);
}
