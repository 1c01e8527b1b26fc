import { type Command, Option } from 'commander';

import { ACCESS_ACTIONS } from '../../../domain/access/access-rule.js';
import { qosOf } from '../arguments.js';
import { withExamples } from '../examples.js';
import type { ExplainOptions, Row } from './admin-actions.js';
import { type AdminOptions, withAdminOptions } from './admin-client.js';
import { type AdminTools, either } from './admin-command.js';

/** `surety explain`: by the rules in force where the broker runs, else by those that it would start with. */
export function addExplain(cli: Command, { actions, output }: AdminTools): void {
  const explain = cli
    .command('explain')
    .description('say which rule allows or refuses what a client wants to do')
    .requiredOption('--client <id>', 'the client id; of a connected client, what it has proved counts')
    .option('--user <name>', 'the user name that the client proves; without it: none')
    .option('--role <role...>', "roles that the client's proof brings, as a token may")
    .addOption(
      new Option('--action <action>', 'what it wants to do').choices(ACCESS_ACTIONS).makeOptionMandatory(),
    )
    .requiredOption('--topic <topic>', 'the topic, or the filter of a subscription')
    .option('--qos <qos>', 'at which quality of service: 0, 1 or 2', qosOf, 0)
    .option('--retain', 'whether what it publishes is retained', false);
  withExamples(explain, [
    ['surety explain --client pump-7 --action publish --topic plant/7/state', 'of a connected client'],
    ["surety explain --client x --user ann --action subscribe --topic 'plant/#' --qos 1", 'of one to come'],
  ]);
  withAdminOptions(explain).action(async (options: AdminOptions & ExplainOptions) => {
    const { client: clientId, user, role, action, topic, qos, retain } = options;
    const query = { clientId, user, role, action, topic, qos, retain };
    const answer = await either<Row>(
      actions,
      options,
      (api) => api.call('GET', '/v1/access/explanation', { query }),
      async () => {
        const { isAllowed, isPartial, rule, qosMax } = await actions.explain(options);
        return { allowed: isAllowed, rule, qosMax, partial: isPartial };
      },
    );
    output.out(options.json === true ? `${JSON.stringify(answer)}\n` : answerText(options, answer));
  });
}

function answerText({ action, qos }: ExplainOptions, { allowed, rule, qosMax, partial }: Row): string {
  const lines = [`${allowed === true ? 'allowed' : 'refused'}: ${String(rule)}`];
  if (allowed === true && action === 'subscribe' && Number(qosMax) < qos)
    lines.push(`granted at QoS ${String(qosMax)}`);
  if (partial === true) lines.push('some of its topics may be held back: ask with --action receive');
  return `${lines.join('\n')}\n`;
}
