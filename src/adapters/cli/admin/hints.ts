/** What the admin API tells others to call, by its path, and the command that does the same. */
const COMMANDS: readonly (readonly [path: RegExp, command: string])[] = [
  [/GET \/v1\/sessions\?queuedMin=1/g, 'surety queue list'],
  [/GET \/v1\/roles\/:role\/rules/g, 'surety role show'],
  [/GET \/v1\/status/g, 'surety status'],
  [/GET \/v1\/retained/g, 'surety retained list'],
  [/GET \/v1\/(session|user|trace|client|token|role|ban)s\b/g, 'surety $1 list'],
];

/** An error of the admin API for somebody who has given a command, and knows of no paths or parts of requests. */
export function inCommands(detail: string): string {
  const plain = detail.replace(/\b(?:body|querystring|params)\/(\w)/g, '$1');
  return COMMANDS.reduce((text, [path, command]) => text.replace(path, `"${command}"`), plain);
}
