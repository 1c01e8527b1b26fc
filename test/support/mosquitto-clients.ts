import { spawnSync } from 'node:child_process';
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

/** The command line clients of Eclipse Mosquitto, `mosquitto_pub` and `mosquitto_sub`. */
export function findMosquittoClients(): Installed {
  const isHere = (command: string): boolean => spawnSync(command, ['--help']).error === undefined;
  if (['mosquitto_pub', 'mosquitto_sub', 'stdbuf'].every(isHere)) return { client: mosquittoClients };
  return { missing: 'mosquitto_pub / mosquitto_sub', install: 'apt-get install mosquitto-clients' };
}

const mosquittoClients: RealClient = {
  name: 'mosquitto_pub and mosquitto_sub',
  tellsSessionPresent: false,
  open: subscribe,
  publish,
  killAll: killClientPrograms,
};

async function publish(broker: BrokerAddress, options: PublishOptions): Promise<void> {
  const { topic, payloads, qos, retain = false } = options;
  const common = [...addressed(broker), '-t', topic, '-q', String(qos), ...(retain ? ['-r'] : [])];
  const [first = ''] = payloads;
  if (payloads.length > 1) {
    await runClientProgram(['mosquitto_pub', ...common, '-l'], `${payloads.join('\n')}\n`);
    return;
  }
  await runClientProgram(['mosquitto_pub', ...common, ...(first === '' ? ['-n'] : ['-m', first])]);
}

async function subscribe(broker: BrokerAddress, options: OpenOptions): Promise<ClientConnection> {
  const received: ReceivedMessage[] = [];
  let granted: number | undefined;
  let connects = 0;
  const wanted = subscriptionOf(options);
  const program = startClientProgram(commandLine(broker, options), (line) => {
    if (line.startsWith('{')) received.push(parseMessage(line));
    granted ??= parseGranted(line);
    if (line.endsWith(' sending CONNECT')) connects += 1;
    // It connects again by itself, which would take its client id back: for the test it has ended.
    if (connects > 1) program.signal('SIGKILL');
  });
  await program.waitUntil(() => granted !== undefined, 'SUBACK');
  if (granted !== wanted.qos) throw new Error(`granted ${granted ?? 'nothing'}\n${program.transcript()}`);
  return connectionOf(program, received);
}

function connectionOf(program: ClientProgram, received: readonly ReceivedMessage[]): ClientConnection {
  return {
    sessionPresent: undefined,
    received,
    ended: program.ended.then(() => undefined),
    suspend: () => {
      program.signal('SIGSTOP');
    },
    resume: () => {
      program.signal('SIGCONT');
    },
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

/** Line buffered, since through a pipe its reports would else wait for the first message. */
function commandLine(broker: BrokerAddress, options: OpenOptions): [string, ...string[]] {
  const { clientId, clean = true, will } = options;
  const { filter, qos } = subscriptionOf(options);
  const willArgs = will
    ? ['--will-topic', will.topic, '--will-payload', will.payload, '--will-qos', String(will.qos)]
    : [];
  return [
    ...(['stdbuf', '-oL', 'mosquitto_sub', '-d', '-F', '%j'] as const),
    ...addressed(broker),
    ...['-i', clientId, '-t', filter, '-q', String(qos)],
    ...(clean ? [] : ['-c']),
    ...willArgs,
    ...(will?.retain === true ? ['--will-retain'] : []),
  ];
}

/** mosquitto_sub can't do without a filter, so it gets one on which nothing is published. */
function subscriptionOf(options: OpenOptions): NonNullable<OpenOptions['subscribe']> {
  return options.subscribe ?? { filter: `nothing/${options.clientId}`, qos: 0 };
}

function addressed(broker: BrokerAddress): string[] {
  return ['-V', 'mqttv311', '-h', broker.host, '-p', String(broker.port)];
}

/** Its line reads `Subscribed (mid: 1): 2`, with the granted QoS last. */
function parseGranted(line: string): number | undefined {
  const match = /^Subscribed \(mid: \d+\): (\d+)$/.exec(line);
  return match ? Number(match[1]) : undefined;
}

function parseMessage(line: string): ReceivedMessage {
  const message = JSON.parse(line) as { topic: string; payload?: string; qos: number; retain: number };
  return {
    topic: message.topic,
    payload: message.payload ?? '',
    qos: message.qos,
    retain: message.retain === 1,
  };
}
