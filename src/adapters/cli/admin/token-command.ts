import { type Command, Option } from 'commander';

import { ADMIN_SCOPES, type AdminScope, TOKEN_NAME } from '../../../application/ports/admin-tokens.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit.js';
import { CommandFailure } from '../failure.js';
import type { Row } from './admin-actions.js';
import { type AdminOptions, withAdminOptions } from './admin-client.js';
import { type AdminTools, either, inPath } from './admin-command.js';
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
    if (!TOKEN_NAME.test(name))
      throw new CommandFailure('a name has 1 to 64 letters, digits, _ . @ or -', EXIT.wrongUsage);
    const { scope } = options;
    const answer = await either<Row>(
      actions,
      options,
      (api) => api.call('POST', '/v1/tokens', { body: { name, scope } }),
      async () => ({ secret: await actions.tokens(options).add(name, scope) }),
    );
    const { secret } = answer;
    if (typeof secret !== 'string')
      throw new CommandFailure(`there is a token "${name}" already`, EXIT.failed);
    output.out(options.json === true ? `${JSON.stringify({ name, scope, secret })}\n` : `${secret}\n`);
  });
  withAdminOptions(token.command('list').description('list the tokens, without their secrets')).action(
    async (options: AdminOptions) => {
      const { items } = await either<Row>(
        actions,
        options,
        (api) => api.call('GET', '/v1/tokens'),
        async () => ({ items: (await actions.tokens(options).list()).map(rowOf) }),
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
      const answer = await either<Row>(
        actions,
        options,
        (api) => api.call('DELETE', `/v1/tokens/${inPath(name)}`),
        async () => ({ revoked: await actions.tokens(options).revoke(name) }),
      );
      if (answer['revoked'] === false) throw new CommandFailure(`there is no token "${name}"`, EXIT.notFound);
      output.out(options.json === true ? `${JSON.stringify({ name })}\n` : `${name} is revoked\n`);
    },
  );
}

function rowOf({ name, scope, createdAtMs }: { name: string; scope: string; createdAtMs: number }): Row {
  return { name, scope, createdAt: new Date(createdAtMs).toISOString() };
}
