import { configKeys, type ConfigGroup, type ConfigKey } from './config-keys.js';
import { isAmong } from './config-settings.js';
import { LIVE_SETTINGS } from './live-settings.js';
import { expectation } from './schema-faults.js';

/** The text of docs/configuration.md, generated so that it can't differ from what the broker accepts. */
export function configReference(): string {
  const { keys, groups } = configKeys();
  const sections = groups.map((group) => sectionText(group, keys)).join('\n');
  return `${INTRODUCTION}\n${sections}`;
}

const INTRODUCTION = `<!-- Generated from src/adapters/config/config.ts by \`npm run docs:config\`; edit the schema, not this file. -->

# Configuration

Surety reads its configuration when it starts: defaults first, a YAML file over them, environment variables over both.
SIGHUP makes it read the file again, and so does a change of the file. What is \`live\` under “Change” is then put in force; the rest waits for a
restart, and is named until then: [operations.md](operations.md#reloading).

Every key has a default, so that a file names only what differs:

\`\`\`yaml file=surety.yaml
listeners:
  - host: 0.0.0.0
    port: 1883
    allowAnonymous: true
persistence: memory
limits:
  packetBytesMax: 262144
\`\`\`

\`config check\` says what is wrong with it, and \`start\` runs the broker by it:

\`\`\`sh
surety config check --config surety.yaml
\`\`\`

\`\`\`sh background
surety start --config surety.yaml
\`\`\`

Where no \`--config\` names a file, the variable \`SURETY_CONFIG\` may: set it in the shells of those who run the broker.

An unknown key, an unknown \`SURETY_\` variable or a value out of its range is a fault: the broker names every fault with its
line and column, and doesn't start. It never corrects a value.

Editors complete and check the file with [configuration.schema.json](configuration.schema.json). For the YAML language server,
which Visual Studio Code and others use, it is named in the first line:

\`\`\`yaml
# yaml-language-server: $schema=./docs/configuration.schema.json
\`\`\`

A variable takes whole numbers, \`true\` or \`false\`, text as it is, or a list with commas between its entries. The variables of \`listeners\` speak of the first listener.
Kubernetes sets variables such as \`SURETY_PORT\` in each pod beside a service named \`surety\`; \`enableServiceLinks: false\` in the
pod prevents it.
`;

function sectionText(group: ConfigGroup, keys: readonly ConfigKey[]): string {
  const own = keys.filter(({ path, variant }) => groupOf(path) === group.path && variant === group.variant);
  if (own.length === 0) return '';
  const sort = group.variant === undefined ? '' : ` with \`type: ${group.variant}\``;
  const title = group.path === '' ? 'Top level' : `\`${group.path}\`${sort}`;
  const doc = group.path === '' ? '' : `\n${group.doc}\n`;
  const head = '| Key | Takes | Default | Variable | Change | What it does |\n|---|---|---|---|---|---|';
  return `## ${title}\n${doc}\n${head}\n${own.map(rowText).join('\n')}\n`;
}

function rowText(key: ConfigKey): string {
  const name = key.path.slice(groupOf(key.path).length).replace(/^\./, '');
  const fallback = key.fallback === undefined ? 'none' : `\`${String(key.fallback)}\``;
  const takes = takesText(key);
  const variable = key.variable === undefined ? 'none' : `\`${key.variable}\``;
  const change = isAmong(key.path, LIVE_SETTINGS) ? 'live' : 'restart';
  return `| \`${name}\` | ${takes} | ${fallback} | ${variable} | ${change} | ${key.doc} |`;
}

function takesText(key: ConfigKey): string {
  if (key.variant !== undefined && key.path.endsWith('[].type')) return `\`${key.variant}\``;
  const one = key.choices?.map((value) => `\`${value}\``).join(', ') ?? expectation(key);
  return key.path.endsWith('[]') ? `a list of: ${one}` : one;
}

function groupOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('.')));
}
