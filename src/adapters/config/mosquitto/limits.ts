import type { MosquittoLine } from './mosquitto-lines.js';
import type { Translation } from './translation.js';

const SECONDS: Readonly<Record<string, number>> = {
  h: 3600,
  d: 86_400,
  w: 604_800,
  m: 2_592_000,
  y: 31_536_000,
};
/** What a PUBLISH has beside its payload at most: header, topic, packet id. Bytes. */
const PUBLISH_BYTES = 5 + 2 + 65_535 + 2;
const UNLIMITED = 1_000_000_000;
/** The most that `sysTopics.intervalSeconds` takes. */
const SYS_SECONDS_MAX = 3600;

type Tree = Record<string, Record<string, unknown>>;
type Translate = (line: MosquittoLine, translation: Translation) => Tree | undefined;

const limit = (key: string, value: number): Tree => ({ limits: { [key]: value } });
const count =
  (key: string, atZero: number): Translate =>
  ({ value }) =>
    limit(key, Number(value) === 0 ? atZero : Number(value));

/** Settings of the whole broker, each by itself. */
export const GENERAL: Readonly<Record<string, Translate>> = {
  max_inflight_messages: count('inflightMax', 65_535),
  max_queued_messages: count('queueMessagesMax', UNLIMITED),
  max_queued_bytes: count('queueBytesMax', UNLIMITED),
  max_packet_size: count('packetBytesMax', 268_435_460),
  message_size_limit: ({ value }) =>
    Number(value) === 0
      ? limit('packetBytesMax', 268_435_460)
      : limit('packetBytesMax', Number(value) + PUBLISH_BYTES),
  persistent_client_expiration: (line, translation) => {
    const [, amount = '', unit = ''] = /^(\d+)\s*([hdwmy])$/.exec(line.value) ?? [];
    const seconds = Number(amount) * (SECONDS[unit] ?? NaN);
    if (Number.isSafeInteger(seconds)) return { session: { expirySeconds: seconds } };
    translation.note(line, 'is not a time such as 2d: sessions expire after 30 days');
    return undefined;
  },
  log_type: ({ value }) => {
    if (value === 'all' || value === 'debug') return { log: { level: 'debug' } };
    return undefined;
  },
  sys_interval: (line, translation) => {
    const seconds = Number(line.value);
    if (seconds > SYS_SECONDS_MAX)
      translation.note(line, `figures come every ${SYS_SECONDS_MAX} s at least: that is what was set`);
    return { sysTopics: { intervalSeconds: Math.min(seconds, SYS_SECONDS_MAX) } };
  },
  max_inflight_bytes: (line, translation) => {
    translation.note(line, 'what is in flight is limited by messages alone, see limits.inflightMax');
    return undefined;
  },
};
