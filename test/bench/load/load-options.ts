import { type Transport, TRANSPORTS } from '../transport.js';
import { PAYLOAD_BYTES_MIN } from './frames.js';
import { FRAME_BYTES_MAX } from './websocket-wire.js';

/** Who publishes to whom; see `LAYOUTS`. */
export type Layout = keyof typeof LAYOUTS;

/** What one run of the load generator does. */
export interface LoadOptions {
  readonly host: string;
  readonly port: number;
  readonly transport: Transport;
  readonly layout: Layout;
  readonly publishers: number;
  readonly subscribers: number;
  readonly qos: 0 | 1 | 2;
  readonly payloadBytes: number;
  /** Topics that each publisher takes in turn; above 1 its subscriber uses wildcards. */
  readonly topics: number;
  /** Messages that a publisher puts into one write at most. */
  readonly batch: number;
  /** The number of each publisher's first message; in a drain those before it wait for the subscriber. */
  readonly first: number;
  /** Messages over all publishers after which the run ends; 0: it ends with its time. */
  readonly count: number;
  /** Messages that a publisher has in flight at most. */
  readonly window: number;
  /** Messages a second over all publishers; 0: as fast as the windows let. */
  readonly rate: number;
  /** How the rate is held. */
  readonly pace: Pace;
  readonly measureSeconds: number;
  readonly warmupSeconds: number;
  /** Without progress for this long the messages in flight count as lost. */
  readonly stallSeconds: number;
  readonly clean: boolean;
  readonly idPrefix: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** The broker's process, whose CPU time is read at both ends of the measurement. */
  readonly brokerPid?: number | undefined;
}

/** The layouts, each with what it means. */
export const LAYOUTS = {
  pair: 'publisher i to topic load/i to subscriber i',
  fanin: 'publisher i to topic load/i, the topics shared out among the subscribers',
  fanout: 'every subscriber receives from every publisher',
  sink: 'publishers alone; needs QoS 1 or 2 and counts completed handshakes',
  offline: 'as pair, but the subscribers leave for good before the first message',
  drain: 'one subscriber comes back to the first messages that wait for it, while a publisher sends more',
} as const;

/** How a rate is held, each with what it means. */
export type Pace = keyof typeof PACES;

/** The paces. */
export const PACES = {
  burst:
    'each millisecond one publisher, in turn, sends what is due: what programs with a timer do, and mqload',
  even: 'each message by itself as soon as it is due, one publisher after the other; takes a CPU to look at the clock',
} as const;

const WINDOW_MAX = 60_000;
/** The most topics that two digits can tell apart. */
const TOPICS_MAX = 100;
/** Bytes that the packet of a message has beside its payload at most: its header, its topic and its identifier. */
const PACKET_BYTES_BESIDE_MAX = 100;
const DEFAULTS = {
  host: '127.0.0.1',
  port: '1883',
  transport: 'tcp',
  layout: 'pair',
  pubs: '1',
  subs: '1',
  qos: '0',
  size: '100',
  window: '500',
  topics: '1',
  batch: '256',
  first: '0',
  count: '0',
  rate: '0',
  pace: 'burst',
  secs: '5',
  warmup: '1',
  stall: '5',
  clean: '1',
  id: 'bench',
};
const OPTIONAL = ['user', 'pass', 'pid'];

/** Command line flags of a run, without the dashes; missing ones take their defaults. */
export type LoadFlags = Readonly<Record<string, string | number>>;

/**
 * Reads `--name value` pairs.
 * @throws Error that names the first unknown option, missing value or bad combination.
 */
export function parseLoadOptions(argv: readonly string[]): LoadOptions {
  const flags = new Map<string, string>(Object.entries(DEFAULTS));
  for (let i = 0; i < argv.length; i += 2) {
    const name = argv[i]!.replace(/^--/, '');
    const value = argv[i + 1];
    if (!(name in DEFAULTS) && !OPTIONAL.includes(name)) throw new Error(`unknown option ${argv[i]!}`);
    if (value === undefined) throw new Error(`no value for ${argv[i]!}`);
    flags.set(name, value);
  }
  return fromFlags(flags);
}

function fromFlags(flags: ReadonlyMap<string, string>): LoadOptions {
  const text = (name: string): string => flags.get(name) ?? '';
  const layout = text('layout');
  if (!isLayout(layout)) throw new Error(`unknown layout ${layout}`);
  const pace = text('pace');
  if (!isPace(pace)) throw new Error(`unknown pace ${pace}`);
  const transport = TRANSPORTS.find((name) => name === text('transport'));
  if (transport === undefined) throw new Error(`unknown transport ${text('transport')}`);
  const number = (name: string): number => atLeastZero(name, text(name));
  const payloadBytesMax = transport === 'ws' ? FRAME_BYTES_MAX - PACKET_BYTES_BESIDE_MAX : Infinity;
  if (number('size') > payloadBytesMax) throw new Error(`--size is at most ${payloadBytesMax} with ws`);
  const qos = number('qos');
  if (qos !== 0 && qos !== 1 && qos !== 2) throw new Error('--qos is 0, 1 or 2');
  if (isUnreceived(layout) && qos === 0) throw new Error(`layout ${layout} needs --qos 1 or 2`);
  const publishers = Math.max(1, number('pubs'));
  return {
    host: text('host'),
    port: number('port'),
    transport,
    layout,
    publishers,
    subscribers: subscribersOf(layout, publishers, number('subs')),
    qos,
    payloadBytes: Math.max(PAYLOAD_BYTES_MIN, number('size')),
    topics: Math.min(Math.max(1, number('topics')), TOPICS_MAX),
    batch: Math.max(1, number('batch')),
    first: number('first'),
    count: number('count'),
    window: Math.min(number('window'), WINDOW_MAX),
    rate: number('rate'),
    pace,
    measureSeconds: number('secs'),
    warmupSeconds: number('warmup'),
    stallSeconds: number('stall'),
    clean: number('clean') !== 0,
    idPrefix: text('id'),
    user: flags.get('user'),
    password: flags.get('pass'),
    brokerPid: flags.has('pid') ? number('pid') : undefined,
  };
}

/** Whether a message counts as done when it is acknowledged, as nobody receives it while the run lasts. */
export function isUnreceived(layout: Layout): boolean {
  return layout === 'sink' || layout === 'offline' || layout === 'drain';
}

function subscribersOf(layout: Layout, publishers: number, wanted: number): number {
  if (layout === 'sink') return 0;
  if (layout === 'drain') return 1;
  return layout === 'pair' || layout === 'offline' ? publishers : Math.max(1, wanted);
}

function isLayout(name: string): name is Layout {
  return name in LAYOUTS;
}

function isPace(name: string): name is Pace {
  return name in PACES;
}

function atLeastZero(name: string, text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value) || value < 0) throw new Error(`--${name} takes a number`);
  return value;
}
