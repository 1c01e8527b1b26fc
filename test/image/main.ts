import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { inNamespaces } from '../support/namespaces.js';
import { call, instructionsOf, playOf } from './dockerfile.js';

const MS_MAX = 600_000;
const SECRETS = {
  POSTGRES_PASSWORD: 'one0secret',
  GRAFANA_DB_PASSWORD: 'another0secret',
  GRAFANA_ADMIN_PASSWORD: 'a0third0secret',
};

interface Service {
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
}

/**
 * Plays the Dockerfile, and the compose file's service of it beside a database, where there is no engine: its commands are run as they stand.
 *
 * @param root The project's folder.
 * @returns the exit code.
 */
export function main(root: string): number {
  const folder = mkdtempSync(join(tmpdir(), 'surety-image-'));
  try {
    const steps = join(folder, 'steps.sh');
    const layers = mkdtempSync(join(folder, 'layers-'));
    writeFileSync(steps, stepsOf(resolve(root)).join('\n'));
    const args = [resolve(root), layers, steps, String(process.pid)];
    const [command, words] = inNamespaces(join(root, 'test/image/play.sh'), args);
    const { status } = spawnSync(command, words, {
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: MS_MAX,
      killSignal: 'SIGKILL',
    });
    console.log(status === 0 ? 'the image works' : 'the image does not work');
    return status === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function stepsOf(root: string): string[] {
  const play = playOf(instructionsOf(readFileSync(join(root, 'Dockerfile'), 'utf8')));
  const { command = play.command, environment, volumes } = brokerService(root);
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const files = volumes.flatMap((volume) => /^(\/.*):(\/.*):ro$/.exec(volume)?.slice(1) ?? []);
  return [
    ...play.steps,
    'report_size',
    call('environment', ...variables),
    'make_container',
    call('mount_file', ...files),
    'seal_container',
    call('start_database', SECRETS.POSTGRES_PASSWORD, SECRETS.GRAFANA_DB_PASSWORD),
    call('start_broker', ...play.entry, ...command),
    call('healthy', ...play.health),
    call('check_container', SECRETS.GRAFANA_DB_PASSWORD),
    'stop_broker',
  ];
}

/** As compose understands its file. */
function brokerService(root: string): Service {
  const text = execFileSync('docker-compose', ['--file', join(root, 'docker-compose.yml'), 'config'], {
    env: { PATH: process.env['PATH'], ...SECRETS },
    encoding: 'utf8',
  });
  const { services } = parse(text) as { readonly services: { readonly surety: Service } };
  return services.surety;
}
