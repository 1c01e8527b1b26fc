import type { Command } from 'commander';

import type { AdminTools } from './admin-command.js';
import {
  addBroker,
  addClient,
  addQueue,
  addRetained,
  addSession,
  addSubscription,
} from './broker-commands.js';
import { addToken } from './token-command.js';
import { addTop } from './top-command.js';
import { addTrace } from './trace-commands.js';

/** Every command about a running broker. */
export function addAdminCommands(cli: Command, tools: AdminTools): void {
  addBroker(cli, tools);
  addTop(cli, tools);
  addClient(cli, tools);
  addSession(cli, tools);
  addSubscription(cli, tools);
  addRetained(cli, tools);
  addQueue(cli, tools);
  addTrace(cli, tools);
  addToken(cli, tools);
}
