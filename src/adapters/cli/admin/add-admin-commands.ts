import type { Command } from 'commander';

import type { AdminTools } from './admin-command.js';
import { addBan } from './ban-commands.js';
import {
  addBroker,
  addClient,
  addQueue,
  addRetained,
  addSession,
  addSubscription,
} from './broker-commands.js';
import { addExplain } from './explain-command.js';
import { addRole } from './role-commands.js';
import { addToken } from './token-command.js';
import { addTop } from './top-command.js';
import { addTrace } from './trace-commands.js';
import { addUser } from './user-commands.js';

/** Every command that talks to a broker where one runs. */
export function addAdminCommands(cli: Command, tools: AdminTools): void {
  addBroker(cli, tools);
  addTop(cli, tools);
  addClient(cli, tools);
  addSession(cli, tools);
  addSubscription(cli, tools);
  addRetained(cli, tools);
  addQueue(cli, tools);
  addBan(cli, tools);
  addUser(cli, tools);
  addRole(cli, tools);
  addExplain(cli, tools);
  addTrace(cli, tools);
  addToken(cli, tools);
}
