import { type Command, Option } from 'commander';

import { ADMIN_SCOPES, type AdminScope, type AdminTokens } from '../../../application/ports/admin-tokens.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit.js';
import { CommandFailure } from '../failure.js';
import type { AdminActions, Row } from './admin-actions.js';
import type { AdminTools } from './admin-command.js';
import { AdminClient, type AdminOptions, BrokerAway, withAdminOptions } from './admin-client.js';
import { TableText } from './table-text.js';

/** `surety token`: by the broker where it runs, so that the audit trail tells of it, else in its file. */
export function addToken(cli: Command, { actions, output }: AdminTools): void {
  const token = cli.command('token').description('who may use the admin API');
  withExamples(token, [
    ['surety token add dashboard --scope read', 'prints the secret, this once'],
    ['surety token revoke dashboard', 'at once, also on a running broker'],
  ]);
  withAdminOptions(
    token
      .command('add <name>')
      .description('make a token, and print its secret: it is kept nowhere')
      .addOption(
        new Option('--scope <scope>', 'what it allows; each includes those before it')
          .choices(ADMIN_SCOPES)
          .makeOptionMandatory(),
      ),
  ).action(async (name: string, options: AdminOptions & { readonly scope: AdminScope }) => {
    if (!/^[\w.@-]{1,64}$/.test(name))
      throw new CommandFailure('a name has 1 to 64 letters, digits, _ . @ or -', EXIT.wrongUsage);
    const { scope } = options;
    const answer = await either(
      actions,
      options,
      (api) => api.call('POST', '/v1/tokens', { body: { name, scope } }),
      async (tokens) => ({ secret: await tokens.add(name, scope) }),
    );
    const { secret } = answer;
    if (typeof secret !== 'string')
      throw new CommandFailure(`there is a token "${name}" already`, EXIT.failed);
    output.out(options.json === true ? `${JSON.stringify({ name, scope, secret })}\n` : `${secret}\n`);
  });
  withAdminOptions(token.command('list').description('list the tokens, without their secrets')).action(
    async (options: AdminOptions) => {
      const { items } = await either(
        actions,
        options,
        (api) => api.call('GET', '/v1/tokens'),
        async (tokens) => ({ items: (await tokens.list()).map(rowOf) }),
      );
      const rows = items as readonly Row[];
      if (options.json === true) for (const row of rows) output.out(`${JSON.stringify(row)}\n`);
      else
        output.out(
          new TableText([
            ['NAME', 'name'],
            ['SCOPE', 'scope'],
            ['MADE', 'createdAt'],
          ]).page(rows),
        );
    },
  );
  withAdminOptions(token.command('revoke <name>').description('revoke a token, at once')).action(
    async (name: string, options: AdminOptions) => {
      const answer = await either(
        actions,
        options,
        (api) => api.call('DELETE', `/v1/tokens/${encodeURIComponent(name)}`),
        async (tokens) => ({ revoked: await tokens.revoke(name) }),
      );
      if (answer['revoked'] === false) throw new CommandFailure(`there is no token "${name}"`, EXIT.notFound);
      output.out(options.json === true ? `${JSON.stringify({ name })}\n` : `${name} is revoked\n`);
    },
  );
}

/** Asks the broker, or changes the file of one that doesn't run. */
async function either(
  actions: AdminActions,
  options: AdminOptions,
  running: (api: AdminClient) => Promise<Row>,
  away: (tokens: AdminTokens) => Promise<Row>,
): Promise<Row> {
  try {
    return await running(AdminClient.open(options, actions));
  } catch (error) {
    if (!(error instanceof BrokerAway) || options.url !== undefined) throw error;
    return away(actions.tokens(options));
  }
}

function rowOf({ name, scope, createdAtMs }: { name: string; scope: string; createdAtMs: number }): Row {
  return { name, scope, createdAt: new Date(createdAtMs).toISOString() };
}
