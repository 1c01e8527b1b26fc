import type { Command } from 'commander';

import { countOf } from '../arguments.js';
import { withExamples } from '../examples.js';
import { type AdminTools, callsBroker, inPath, printsList } from './admin-command.js';

/** `surety trace`. */
export function addTrace(cli: Command, tools: AdminTools): void {
  const trace = cli.command('trace').description('write down the packets of single clients');
  withExamples(trace, [
    ['surety trace start pump-7', 'for five minutes, without payloads'],
    ['surety trace start pump-7 --seconds 60 --payloads', 'for a minute, with them'],
    ['surety trace list', 'which are running, and where their files are'],
  ]);
  callsBroker(
    trace
      .command('start <client>')
      .description("write the packets of a client to a file on the broker's machine")
      .option('--seconds <seconds>', 'end after so long (default: 300)', countOf)
      .option('--bytes <bytes>', 'or when the file has so many (default: 10485760)', countOf)
      .option('--payloads', 'write payloads out; else only their lengths'),
    tools,
    {
      call: (api, { seconds, bytes: bytesMax, payloads }, clientId) =>
        api.call('POST', '/v1/traces', { body: { clientId, seconds, bytesMax, payloads } }),
      told: ({ id, file }) => `trace ${String(id)} writes to ${String(file)}\n`,
    },
  );
  callsBroker(
    trace.command('stop <trace>').description('stop a trace, by the id that list has for it'),
    tools,
    {
      call: (api, _, id = '') => api.call('DELETE', `/v1/traces/${inPath(id)}`),
      told: ({ file }, id = '') => `trace ${id} is stopped; its file is ${String(file)}\n`,
    },
  );
  printsList(
    trace.command('list').description('list the traces that are running'),
    {
      columns: [
        ['ID', 'id'],
        ['CLIENT', 'clientId'],
        ['STARTED', 'startedAt'],
        ['SECONDS', 'seconds'],
        ['BYTES', 'bytes'],
        ['PAYLOADS', 'payloads'],
        ['FILE', 'file'],
      ],
      path: () => '/v1/traces',
    },
    tools,
  );
}
