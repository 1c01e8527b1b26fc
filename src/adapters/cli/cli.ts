import { Command, CommanderError } from 'commander';
import type { AdminActions } from './admin/admin-actions.js';
import { addAdminCommands } from './admin/add-admin-commands.js';
import { addAudit, type AuditActions } from './audit-commands.js';
import { addBackup, type BackupActions } from './backup-commands.js';
import { addImport, type ImportAction } from './import-commands.js';
import { addPasswd, type PasswdActions } from './passwd-command.js';
import { addCompletion } from './completion.js';
import { withExamples } from './examples.js';
import { EXIT } from './exit.js';
import { CommandFailure } from './failure.js';
import { type JsonOption, outcomeText, withJsonOption } from './outcome.js';
import { type CliOutput, NO_OUTPUT, terminalOutput } from './terminal-output.js';
import { type ConfigOptions, withConfigOption } from './config-option.js';

export type { CliOutput, ConfigOptions };

/** What the commands do. The command line knows only how they are called. */
export interface CliActions {
  /** The version of the broker, without the name. */
  readonly version: string;
  /**
   * Runs the broker. Resolves with the exit code once it has stopped.
   *
   * @throws Error when it can't start; its message is shown to the operator as it is.
   */
  start(options: ConfigOptions): Promise<number>;
  /**
   * Brings the database to the newest version.
   *
   * @returns The names of the steps that were taken; undefined where there is no database.
   * @throws Error when it can't; its message is shown to the operator as it is.
   */
  migrate(options: ConfigOptions): Promise<readonly string[] | undefined>;
  /** What is wrong with the configuration; empty when it is valid. */
  checkConfig(options: ConfigOptions): readonly FaultText[] | Promise<readonly FaultText[]>;
  readonly audit: AuditActions;
  readonly admin: AdminActions;
  readonly backup: BackupActions;
  readonly importMosquitto: ImportAction;
  readonly passwd: PasswdActions;
}

/** One thing that is wrong with a configuration, in words. */
export interface FaultText {
  /** `file:line:column`, or a variable. */
  readonly place: string;
  readonly problem: string;
  readonly action: string;
}

/**
 * Runs one command. Never throws: whatever goes wrong is told on `err`, and in the exit code.
 *
 * @param args What stands behind the program's name.
 * @returns The exit code for the process.
 */
export async function runCli(
  args: readonly string[],
  actions: CliActions,
  output: CliOutput = terminalOutput(),
): Promise<number> {
  let exitCode: number = EXIT.ok;
  const cli = buildCli(actions, output, (code) => (exitCode = code));
  try {
    await cli.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Help and version end in such an error as well, with exit code 0; they have been written by then.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.wrongUsage;
    output.err(`surety: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof CommandFailure ? error.exitCode : EXIT.failed;
  }
}

/** The commands as a tree, for whoever writes of them. */
export function commandTree(actions: CliActions): Command {
  return buildCli(actions, NO_OUTPUT, () => undefined);
}

function buildCli(actions: CliActions, output: CliOutput, exit: (code: number) => void): Command {
  const cli = new Command('surety')
    .description('An MQTT 3.1.1 broker whose acknowledgements are facts')
    .version(actions.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EPILOGUE)
    .showHelpAfterError('(surety --help says more)')
    .configureOutput({ writeOut: output.out, writeErr: output.err })
    .exitOverride();
  addStart(cli, actions, exit);
  addMigrate(cli, actions, output);
  addConfig(cli, actions, output, exit);
  addAudit(cli, actions.audit, output, exit);
  addAdminCommands(cli, { actions: actions.admin, output });
  addBackup(cli, actions.backup, output);
  addImport(cli, actions.importMosquitto, output);
  addPasswd(cli, actions.passwd, output);
  addCompletion(cli, output);
  return cli;
}

function addStart(cli: Command, actions: CliActions, exit: (code: number) => void): void {
  const start = withConfigOption(cli.command('start'))
    .description('run the broker until it is told to stop (SIGTERM or SIGINT)')
    .action(async (options: ConfigOptions) => exit(await actions.start(options)));
  withExamples(start, [
    ['surety start', 'the defaults: mqtt://127.0.0.1:1883, data in ./data'],
    ['surety start --config /etc/surety/surety.yaml', 'as the file says'],
  ]);
}

function addMigrate(cli: Command, actions: CliActions, output: CliOutput): void {
  const migrate = withJsonOption(withConfigOption(cli.command('migrate')))
    .description('bring the database to the newest version, without starting the broker')
    .action(async (options: ConfigOptions & JsonOption) => {
      const applied = await actions.migrate(options);
      output.out(outcomeText({ lines: migrationLines(applied), json: { applied: applied ?? [] } }, options));
    });
  withExamples(migrate, [['surety migrate --config surety.yaml', 'a start does the same']]);
}

function migrationLines(applied: readonly string[] | undefined): readonly string[] {
  if (applied === undefined) return ['persistence is off: there is no database to migrate'];
  return applied.length === 0 ? ['the database is up to date'] : applied.map((name) => `applied ${name}`);
}

function addConfig(cli: Command, actions: CliActions, output: CliOutput, exit: (code: number) => void): void {
  const config = cli.command('config').description('work with the configuration');
  withExamples(config, [['surety config check --config surety.yaml', 'all that is wrong with it, at once']]);
  withJsonOption(withConfigOption(config.command('check')))
    .description('name every fault of the configuration, without starting the broker')
    .action(async (options: ConfigOptions & JsonOption) => {
      const faults = await actions.checkConfig(options);
      const isValid = faults.length === 0;
      if (options.json === true) output.out(`${JSON.stringify({ valid: isValid, faults })}\n`);
      else if (isValid) output.out('configuration is valid\n');
      else for (const { place, problem, action } of faults) output.err(`${place}: ${problem}; ${action}\n`);
      exit(isValid ? EXIT.ok : EXIT.failed);
    });
}

const EPILOGUE = `
Examples:
  surety start                              the defaults: mqtt://127.0.0.1:1883
  surety start --config surety.yaml         as the file says
  SURETY_PORT=1884 surety start             environment variables go over the file
  surety migrate                            bring the database to the newest version
  surety config check --config surety.yaml  what is wrong with the file, if anything
  surety passwd -c passwords.txt ann        make a password file with the user ann
  surety user add ann                       add a user to the database
  surety ban add --address 192.0.2.0/24 --for 1h
  surety audit verify                       whether the audit trail is as it was written
  surety audit search --client c1 --from -2h
  surety status                             how the broker of this machine does
  surety client list                        who is connected
  surety backup --out /backup/monday        all that the broker stores, while it runs
  surety import mosquitto /etc/mosquitto/mosquitto.conf --out surety.yaml
  surety restore /backup/monday             into an empty database

Exit codes:
  0  done, or stopped in good order
  1  the configuration is faulty, the broker could not start or go on, or the audit trail was tampered with
  2  wrong usage, or the audit trail could not be checked
  3  there is no such client, session, message, user, role, ban or token
  4  the broker doesn't run, or can't be reached
  5  the token isn't valid, or lacks the scope
`;
