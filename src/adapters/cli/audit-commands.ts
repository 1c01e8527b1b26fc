import { type Command, Option } from 'commander';
import { AUDIT_KINDS, type AuditKind } from '../../domain/audit/audit-event.js';
import type { MessageStory } from '../../domain/audit/message-story.js';
import type { TrailReport } from '../../domain/audit/trail-report.js';
import { countOf, timeOf, topicFilterOf } from './arguments.js';
import { withExamples } from './examples.js';
import { type ConfigOptions, withConfigOption } from './config-option.js';
import { EXIT } from './exit.js';
import { CommandFailure } from './failure.js';
import { storyJson, storyText } from './message-story-text.js';
import { type JsonOption, type Outcome, outcomeText, withJsonOption } from './outcome.js';
import type { CliOutput } from './terminal-output.js';
import { reportJson, reportLines } from './trail-report-text.js';

export interface KeygenOptions {
  /** The directory for the two files. */
  readonly out: string;
}

export interface VerifyOptions extends ConfigOptions {
  readonly export?: string;
  readonly publicKey?: readonly string[];
  readonly checkpoints?: string;
}

export interface SearchOptions extends ConfigOptions {
  /** Milliseconds since the epoch. */
  readonly from?: number;
  readonly to?: number;
  readonly client?: string;
  readonly principal?: string;
  readonly kind?: readonly AuditKind[];
  readonly topic?: string;
  readonly limit?: number;
  readonly format: 'jsonl' | 'csv';
}

export interface TrailOptions extends ConfigOptions {
  readonly topic: string;
  /** Milliseconds since the epoch. */
  readonly from?: number;
  readonly to?: number;
  readonly client?: string;
  /** An export to read in the place of the database. */
  readonly export?: string;
}

/** What the commands on the audit trail do. */
export interface AuditActions {
  /** Makes a key pair. @throws Error when there is one already. */
  keygen(options: KeygenOptions): Outcome;
  /**
   * Verifies the trail.
   * @param progress Told how many records were checked, and of how many, if that is known.
   * @throws Error when it can't be checked.
   */
  verify(
    options: VerifyOptions,
    progress: (records: number, total: number | undefined) => void,
  ): Promise<TrailReport>;
  /**
   * Finds records.
   * @param isExport Whether hashes belong to it, when nothing is left out.
   * @returns text, some records at a time.
   */
  find(options: SearchOptions, isExport: boolean): AsyncIterable<string>;
  /** Tells what became of messages, some at a time. */
  trail(options: TrailOptions): AsyncIterable<readonly MessageStory[]>;
}

const PROGRESS_MS = 200;
const FILTERS = ['from', 'to', 'client', 'principal', 'kind', 'topic', 'limit'] as const;

/** `surety audit ...` */
export function addAudit(
  cli: Command,
  actions: AuditActions,
  output: CliOutput,
  exit: (code: number) => void,
): void {
  const audit = cli.command('audit').description('work with the audit trail');
  withExamples(audit, [
    ['surety audit search --client pump-7 --from -2h', 'what happened to a client in two hours'],
    ['surety audit search --kind publish.denied subscription.denied', 'who was refused what'],
    ['surety audit export > trail.jsonl', 'all of it, which "verify --export" takes'],
    ['surety audit verify', 'whether it is as it was written'],
  ]);
  addKeygen(audit, actions, output);
  addVerify(audit, actions, output, exit);
  addFind(audit, 'search', 'find records of the audit trail', actions, output);
  addFind(
    audit,
    'export',
    'write out the audit trail, with its hashes unless a filter is set',
    actions,
    output,
  );
  addTrail(audit, actions, output);
}

/** Whether an export lacks records, so that it can't be verified. */
export function isFiltered(options: SearchOptions): boolean {
  return FILTERS.some((name) => options[name] !== undefined);
}

function addKeygen(audit: Command, actions: AuditActions, output: CliOutput): void {
  withJsonOption(audit.command('keygen'))
    .description('make a key pair that signs checkpoints; never replaces one')
    .option('--out <directory>', 'where the two files go', '.')
    .action((options: KeygenOptions & JsonOption) => {
      output.out(outcomeText(actions.keygen(options), options));
    });
}

function addVerify(
  audit: Command,
  actions: AuditActions,
  output: CliOutput,
  exit: (code: number) => void,
): void {
  withConfigOption(audit.command('verify'))
    .description('check that the audit trail is as it was written, in the database or in an export of it')
    .option('--export <file>', 'a whole export in JSON Lines; without it: the database')
    .option('--public-key <file...>', "the broker's public keys; without it: the one beside its private key")
    .option('--checkpoints <file>', "the checkpoint file; without it: the broker's")
    .option('--json', 'print the outcome as JSON')
    .action(async (options: VerifyOptions & JsonOption) => {
      try {
        const report = await actions.verify(options, showProgress(output));
        output.progress?.('');
        output.out(options.json === true ? reportJson(report) : reportLines(report));
        exit(report.fault === undefined ? EXIT.ok : EXIT.failed);
      } catch (error) {
        output.progress?.('');
        const reason = error instanceof Error ? error.message : String(error);
        output.err(`surety: the audit trail can't be verified: ${reason}\n`);
        exit(EXIT.unchecked);
      }
    });
}

function showProgress({ progress }: CliOutput): (records: number, total: number | undefined) => void {
  let shownMs = 0;
  return (records, total) => {
    if (progress === undefined || performance.now() - shownMs < PROGRESS_MS) return;
    shownMs = performance.now();
    const share = total === undefined ? '' : ` of ${total} (${Math.floor((records / total) * 100)} %)`;
    progress(`${records}${share} records checked`);
  };
}

function addFind(
  audit: Command,
  name: 'search' | 'export',
  description: string,
  actions: AuditActions,
  output: CliOutput,
): void {
  const isExport = name === 'export';
  withConfigOption(audit.command(name))
    .description(description)
    .option('--from <time>', 'not before: 2026-03-01, 2026-03-01T12:00:00Z, or -2h for two hours ago', timeOf)
    .option('--to <time>', 'before this time', timeOf)
    .option('--client <id>', 'of this client id')
    .option('--principal <name>', 'of this user')
    .addOption(new Option('--kind <kind...>', 'of these kinds').choices(AUDIT_KINDS))
    .option('--topic <filter>', 'about topics that match; + and # are as in a subscription', topicFilterOf)
    .addOption(new Option('--format <format>', 'how to write').choices(['jsonl', 'csv']).default('jsonl'))
    .addOption(new Option('--json', 'the same as --format jsonl').conflicts('format'))
    .option('--limit <records>', 'no more than so many', countOf)
    .action(async (options: SearchOptions) => {
      requireOrder(options);
      if (isExport && (isFiltered(options) || options.format === 'csv')) output.err(UNVERIFIABLE);
      for await (const text of actions.find(options, isExport)) {
        if (!(await output.stream(text))) return;
      }
    });
}

function addTrail(audit: Command, actions: AuditActions, output: CliOutput): void {
  withConfigOption(audit.command('trail'))
    .description('tell of messages whether they were delivered, to whom, and when')
    .requiredOption(
      '--topic <filter>',
      'on topics that match; + and # are as in a subscription',
      topicFilterOf,
    )
    .option('--from <time>', 'published not before: 2026-03-01, 2026-03-01T12:00:00Z, or -2h', timeOf)
    .option('--to <time>', 'published before this time', timeOf)
    .option('--client <id>', 'published by this client, or for it')
    .option('--export <file>', 'read an export in JSON Lines; without it: the database')
    .option('--json', 'print a JSON object a line for each message')
    .action(async (options: TrailOptions & { readonly json?: boolean }) => {
      requireOrder(options);
      const textOf = options.json === true ? storyJson : storyText;
      let isEmpty = true;
      for await (const stories of actions.trail(options)) {
        isEmpty = false;
        if (!(await output.stream(stories.map(textOf).join('')))) return;
      }
      if (isEmpty) output.err(NO_MESSAGES);
    });
}

/** Times that were mixed up would look like a trail that tells of nothing. */
function requireOrder({ from = -Infinity, to = Infinity }: Pick<SearchOptions, 'from' | 'to'>): void {
  if (from < to) return;
  throw new CommandFailure('--from must be before --to: nothing lies between them', EXIT.wrongUsage);
}

const NO_MESSAGES =
  'surety: the audit trail tells of no such message: it follows the topics that audit.messages names\n';

const UNVERIFIABLE =
  "surety: this export can't be verified: that takes a whole one, in JSON Lines and without a filter\n";
