import { stringify } from 'yaml';
import { GENERAL } from './limits.js';
import { type ListenerSection, type ListenerTree, SECURITY, translateListener } from './listeners.js';
import { type MosquittoLine, readMosquittoLines } from './mosquitto-lines.js';
import { type ImportNote, Translation } from './translation.js';
import { BRIDGE_SETTINGS, LOST, NEEDLESS } from './untranslated.js';

/** A configuration of Surety that was made from one of mosquitto. */
export interface ImportedConfig {
  /** The text of a configuration file. */
  readonly yaml: string;
  /** What could not be taken over as it was, in the order of the lines. */
  readonly notes: readonly ImportNote[];
}

const LISTENER_SETTINGS: ReadonlySet<string> = new Set([
  ...['port', 'bind_address', 'protocol', 'cafile', 'certfile', 'keyfile', 'crlfile', 'require_certificate'],
  ...[
    'tls_version',
    'socket_domain',
    'max_connections',
    'use_identity_as_username',
    'bridge_tls_version',
    ...SECURITY,
  ],
]);

/**
 * Translates a mosquitto.conf: listeners, TLS, passwords, access rules, limits, persistence. Password and ACL files are
 * used as they are.
 * @throws Error that says which file can't be read.
 */
export function importMosquitto(file: string): ImportedConfig {
  const translation = new Translation();
  const lines = readMosquittoLines(file);
  const sections = sectionsOf(lines, translation);
  const general = generalSettings(lines, translation);
  const tree = {
    listeners: listenersOf(lines, sections, translation),
    ...authentication(sections, translation),
    ...access(sections, translation),
    persistence: lastOf(lines, 'persistence')?.value === 'true' ? 'postgres' : 'memory',
    ...connectionLimit(sections, general),
  };
  translation.notes.sort((a, b) => (a.file === b.file ? a.line - b.line : 0));
  return { yaml: yamlOf(file, tree, translation.notes), notes: translation.notes };
}

/** The first section is the default listener, with the settings in front of all `listener` lines. */
function sectionsOf(lines: readonly MosquittoLine[], translation: Translation): ListenerSection[] {
  let settings = new Map<string, MosquittoLine>();
  const sections: ListenerSection[] = [{ head: undefined, settings }];
  let isBridge = false;
  for (const line of lines) {
    if (line.name === 'listener') {
      settings = new Map();
      sections.push({ head: line, settings });
      isBridge = false;
    } else if (line.name === 'connection') {
      translation.note(line, `the bridge ${line.value} is not taken over: Surety has no bridges yet`);
      isBridge = true;
    } else if (!(isBridge && BRIDGE_SETTINGS.test(line.name))) {
      tellLost(line, translation);
      if (LISTENER_SETTINGS.has(line.name)) settings.set(line.name, line);
    }
  }
  return sections;
}

function tellLost(line: MosquittoLine, translation: Translation): void {
  const { name, value } = line;
  const isKnown =
    LISTENER_SETTINGS.has(name) || NEEDLESS.has(name) || name in GENERAL || name === 'persistence';
  if (name.startsWith('plugin_opt_') || name.startsWith('auth_opt_') || isKnown) return;
  if (name === 'use_username_as_clientid' && value === 'false') return;
  translation.note(line, LOST[name] ?? 'is not known, and was left out');
}

function generalSettings(lines: readonly MosquittoLine[], translation: Translation): Record<string, object> {
  const tree: Record<string, object> = {};
  for (const line of lines) {
    const made = GENERAL[line.name]?.(line, translation) ?? {};
    for (const [group, keys] of Object.entries(made)) tree[group] = { ...tree[group], ...keys };
  }
  return tree;
}

/** The default listener is there if something is said of it, or if there is no other. */
function listenersOf(
  lines: readonly MosquittoLine[],
  sections: readonly ListenerSection[],
  translation: Translation,
): ListenerTree[] {
  const [first, ...named] = sections;
  const isDefault = ({ settings }: ListenerSection): boolean =>
    settings.has('port') || settings.has('bind_address');
  const used = first !== undefined && (named.length === 0 || isDefault(first)) ? [first, ...named] : named;
  const isPerListener = lastOf(lines, 'per_listener_settings')?.value === 'true';
  const isLocalOnly = used.length === 1 && used[0] === first && first !== undefined && !isDefault(first);
  return used.map((section) => {
    const own = isPerListener ? section.settings.get('allow_anonymous') : lastOf(lines, 'allow_anonymous');
    return translateListener(section, own === undefined ? isLocalOnly : own.value === 'true', translation);
  });
}

function authentication(sections: readonly ListenerSection[], translation: Translation): object {
  const files = linesOf(sections, 'password_file');
  const certificates = linesOf(sections, 'use_identity_as_username').filter(({ value }) => value === 'true');
  for (const line of files.slice(1))
    translation.note(
      line,
      'users of every file may come by every listener: providers belong to the whole broker',
    );
  const providers = [
    ...certificates.slice(0, 1).map(() => ({ type: 'certificate' })),
    ...distinct(files).map((file, index) => ({
      type: 'passwordFile',
      ...(index === 0 ? {} : { name: `passwordFile${index + 1}` }),
      file,
    })),
  ];
  return providers.length === 0 ? {} : { authentication: { providers } };
}

function access(sections: readonly ListenerSection[], translation: Translation): object {
  const files = linesOf(sections, 'acl_file');
  const [first, ...others] = distinct(files);
  for (const line of files.filter(({ value }) => others.includes(value)))
    translation.note(
      line,
      `there is one file of access rules for all listeners: join it with ${String(first)}`,
    );
  return first === undefined ? {} : { access: { aclFile: first } };
}

/** Each listener has its own in mosquitto; here it is one for all of them, so it is their sum. */
function connectionLimit(sections: readonly ListenerSection[], general: Record<string, object>): object {
  const lines = linesOf(sections, 'max_connections');
  const counts = lines.map(({ value }) => Number(value));
  const listeners = Math.max(1, sections.length - 1);
  if (counts.length < listeners || counts.some((count) => count < 1)) return general;
  const connectionsMax = counts.reduce((sum, count) => sum + count, 0);
  return { ...general, limits: { ...general['limits'], connectionsMax } };
}

function linesOf(sections: readonly ListenerSection[], name: string): MosquittoLine[] {
  return sections.flatMap(({ settings }) => settings.get(name) ?? []);
}

function distinct(lines: readonly MosquittoLine[]): string[] {
  return [...new Set(lines.map(({ value }) => value))];
}

function lastOf(lines: readonly MosquittoLine[], name: string): MosquittoLine | undefined {
  return lines.findLast((line) => line.name === name);
}

function yamlOf(file: string, tree: object, notes: readonly ImportNote[]): string {
  const lost = notes.map((note) => `#   ${noteText(note)}\n`).join('');
  const head = `# Made from ${file} by \`surety import mosquitto\`.\n`;
  return `${head}${lost === '' ? '' : `# Not taken over as it was:\n${lost}`}${stringify(tree)}`;
}

/** In the form that editors and terminals make a link of. */
export function noteText({ file, line, text }: ImportNote): string {
  return `${file}:${line}: ${text}`;
}
