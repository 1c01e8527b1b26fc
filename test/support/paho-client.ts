import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { killClientPrograms, runClientProgram, startClientProgram } from './client-program.js';
import type { ClientProgram } from './client-program.js';
import type {
  BrokerAddress,
  ClientConnection,
  Installed,
  OpenOptions,
  PublishOptions,
  RealClient,
  ReceivedMessage,
} from './real-clients.js';

const SCRIPT = fileURLToPath(new URL('./paho_client.py', import.meta.url));

type Report =
  | { readonly event: 'connected'; readonly code: number; readonly sessionPresent: boolean }
  | { readonly event: 'subscribed'; readonly granted: readonly number[] }
  | ({ readonly event: 'message' } & ReceivedMessage);

/** Eclipse Paho for Python, under whichever Python on this machine has it. */
export function findPahoClient(): Installed {
  const python = pythons().find(hasPaho);
  if (python !== undefined) return { client: pahoClient(python) };
  return { missing: 'Paho for Python', install: 'apt-get install python3-paho-mqtt' };
}

/** The system's own Python first: packages of the distribution are found by no other. */
function pythons(): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...new Set(['/usr/bin/python3', ...folders.map((folder) => join(folder, 'python3'))])];
}

function hasPaho(python: string): boolean {
  return (
    spawnSync(python, ['-c', 'import paho.mqtt.client'], { stdio: 'ignore', timeout: 15_000 }).status === 0
  );
}

function pahoClient(python: string): RealClient {
  const command = (task: string, argument: object): [string, ...string[]] => [
    python,
    SCRIPT,
    task,
    JSON.stringify(argument),
  ];
  return {
    name: 'Paho for Python',
    tellsSessionPresent: true,
    open: (broker, options) => open(command('open', openArgument(broker, options)), options),
    publish: async (broker: BrokerAddress, options: PublishOptions) => {
      await runClientProgram(command('publish', { ...broker, retain: false, ...options }));
    },
    killAll: killClientPrograms,
  };
}

function openArgument(broker: BrokerAddress, options: OpenOptions): object {
  return { host: broker.host, port: broker.port, clean: true, ...options };
}

async function open(command: [string, ...string[]], options: OpenOptions): Promise<ClientConnection> {
  const received: ReceivedMessage[] = [];
  const reports: Report[] = [];
  const program = startClientProgram(command, (line) => {
    const report = JSON.parse(line) as Report;
    if (report.event === 'message') received.push(messageOf(report));
    else reports.push(report);
  });
  const last = options.subscribe ? 'subscribed' : 'connected';
  await program.waitUntil(() => reports.some(({ event }) => event === last), last);
  const [connected, subscribed] = reports;
  if (connected?.event !== 'connected' || connected.code !== 0) throw new Error(program.transcript());
  if (subscribed?.event === 'subscribed' && subscribed.granted[0] !== options.subscribe?.qos) {
    throw new Error(`another QoS was granted\n${program.transcript()}`);
  }
  return connectionOf(program, received, connected.sessionPresent);
}

function messageOf({ topic, payload, qos, retain }: ReceivedMessage): ReceivedMessage {
  return { topic, payload, qos, retain };
}

function connectionOf(
  program: ClientProgram,
  received: readonly ReceivedMessage[],
  sessionPresent: boolean,
): ClientConnection {
  return {
    sessionPresent,
    received,
    ended: program.ended.then(() => undefined),
    suspend: () => undefined,
    resume: () => undefined,
    leave: async () => {
      program.signal('SIGTERM');
      await program.waitUntil(() => program.hasEnded, 'its end');
    },
    kill: async () => {
      program.signal('SIGKILL');
      await program.ended;
    },
  };
}
