import type { Argument, Command, Option } from 'commander';

import { type CliActions, commandTree } from './cli.js';
import { examplesOf } from './examples.js';

const INTRODUCTION = `<!-- Generated from the commands by \`npm run docs:admin\`; edit those, not this file. -->

# The command line

Every command prints its help with \`--help\`. Commands about a running broker talk to its [admin API](admin-api.md): they find the broker of this
machine by its configuration (\`--config\` or \`SURETY_CONFIG\`, the environment, \`dataDir\`), and need no set-up for whoever may read its data folder. Another
broker is named by \`--url\` and \`--token-file\`.

While the broker doesn't run, lists (\`session list\`, \`subscription list\`, \`retained list\`, \`queue list\`, \`queue show\`) show what its database holds, and say
so on standard error; nothing of it is changed there. \`user\`, \`role\`, \`grant\`, \`revoke\` and \`ban\` change the database, and the broker takes that over; \`explain\` goes by the rules that
a start would read; \`token\` changes the tokens in the data folder. A broker counts as stopped only where the connection is refused: one that is slow, or
whose certificate isn't trusted, ends a command with exit code 4.

With \`--json\`, a list is printed as an object a line, all else as one object. Standard output has the answer and nothing else; what
is to be said beside it goes to standard error.

## Exit codes

| Code | |
|---|---|
| 0 | done |
| 1 | it failed; standard error says why. \`audit verify\`: the trail was tampered with |
| 2 | wrong usage. \`audit verify\`: the trail could not be checked |
| 3 | there is no such client, session, message, user, role, ban or token |
| 4 | the broker doesn't run, or can't be reached |
| 5 | the token isn't valid, or lacks the scope |
`;

/** The text of docs/command-line.md. */
export function commandReference(): string {
  // Nothing is called: only the tree is looked at.
  const tree = commandTree({ version: '' } as CliActions);
  const groups = tree.commands.filter((command) => command.name() !== 'help');
  return `${INTRODUCTION}\n${groups.map((command) => sectionOf(command, ['surety'], 2)).join('\n')}`;
}

function sectionOf(command: Command, above: readonly string[], depth: number): string {
  const path = [...above, command.name()];
  const title = `${'#'.repeat(depth)} \`${path.join(' ')}\``;
  const children = command.commands.filter((child) => child.name() !== 'help');
  const usage = children.length > 0 ? '' : `\n\`\`\`\n${path.join(' ')} ${command.usage()}\n\`\`\`\n`;
  const parts = [
    `${title}\n\n${sentence(command.description())}\n${usage}`,
    argumentsText(command.registeredArguments),
    children.length > 0 ? '' : optionsText(command.options),
    examplesText(command),
    ...children.map((child) => sectionOf(child, path, depth + 1)),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function argumentsText(all: readonly Argument[]): string {
  const described = all.filter(({ description }) => description !== '');
  return described.map((argument) => `\`${argument.name()}\`: ${sentence(argument.description)}\n`).join('');
}

function optionsText(options: readonly Option[]): string {
  if (options.length === 0) return '';
  const rows = options.map(({ flags, description, argChoices, defaultValue }) => {
    const notes = [
      ...(argChoices === undefined
        ? []
        : [`one of ${argChoices.map((choice) => `\`${choice}\``).join(', ')}`]),
      ...(defaultValue === undefined ? [] : [`default \`${String(defaultValue)}\``]),
    ];
    const text = [description, ...notes].join('; ').replaceAll('|', '\\|');
    return `| \`${flags}\` | ${text} |`;
  });
  return `| Option | |\n|---|---|\n${rows.join('\n')}\n`;
}

function examplesText(command: Command): string {
  const examples = examplesOf(command);
  if (examples.length === 0) return '';
  const width = Math.max(...examples.map(([line]) => line.length));
  return `\`\`\`sh\n${examples.map(([line, purpose]) => `${line.padEnd(width)}  # ${purpose}\n`).join('')}\`\`\`\n`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
