import { setTimeout as pause } from 'node:timers/promises';
import { pingreq, publish, pubrel, subscribe, unsubscribe } from '../../support/packets.js';
import { type Attack, clients, deadlineOf, endAll, floodAll, idAt } from '../peer.js';

const PUBLISHERS = 20;
/** Packets that are written in one go. */
const BURST = 200;

/** Publishers that wait for nothing, and subscribers that get it all. */
export const publishFlood =
  (qos: 0 | 1 | 2): Attack =>
  async (target) => {
    const subscribers = await clients(target.port, 4);
    for (const peer of subscribers) peer.socket.write(subscribe(1, [`flood/${qos}/#`, qos]));
    const peers = await clients(target.port, PUBLISHERS);
    let next = 0;
    const one = (peer: number): Buffer => {
      const packetId = idAt(next++);
      const fields = { topic: `flood/${qos}/${peer}`, payload: Buffer.alloc(100), qos };
      if (qos === 0) return publish(fields);
      const sent = publish({ ...fields, packetId });
      return qos === 1 ? sent : Buffer.concat([sent, pubrel(packetId)]);
    };
    const bursts = await floodAll(peers, deadlineOf(target), (peer) =>
      Buffer.concat(Array.from({ length: BURST }, () => one(peer))),
    );
    await endAll(subscribers);
    return `${bursts * BURST} messages at QoS ${qos}`;
  };

/** PINGREQ without end, from clients of which every second one doesn't read the answers. */
export const pingFlood: Attack = async (target) => {
  const peers = await clients(target.port, PUBLISHERS);
  peers.forEach((peer, i) => i % 2 === 0 && peer.socket.pause());
  const burst = Buffer.concat(Array.from({ length: BURST * 10 }, pingreq));
  return `${(await floodAll(peers, deadlineOf(target), () => burst)) * BURST * 10} PINGREQ`;
};

/** The same filters, made and removed without end. */
export const subscribeChurn: Attack = async (target) => {
  const peers = await clients(target.port, PUBLISHERS, (i) => ({
    ...{ clientId: `churn-${i}`, cleanSession: i % 4 !== 0 },
  }));
  const burst = (peer: number): Buffer =>
    Buffer.concat(
      Array.from({ length: BURST }, (_, i) =>
        i % 2 === 0
          ? subscribe(idAt(i), [`churn/${peer}/${i}/+`, 1])
          : unsubscribe(idAt(i), `churn/${peer}/${i - 1}/+`),
      ),
    );
  const bursts = await floodAll(peers, deadlineOf(target), burst);
  await endAll(
    await clients(target.port, PUBLISHERS, (i) => ({ clientId: `churn-${i}`, cleanSession: true })),
  );
  return `${bursts * BURST} SUBSCRIBE and UNSUBSCRIBE`;
};

/** As many filters as a session may have, in packets as large as they may be. */
export const subscriptionFlood: Attack = async (target) => {
  const deadline = deadlineOf(target);
  const [perSession, perPacket, sessions] = [10_000, 1000, 20];
  const peers = await clients(target.port, sessions, (i) => ({
    ...{ clientId: `greedy-${i}`, cleanSession: i % 2 === 0 },
  }));
  await Promise.all(
    peers.map(async (peer, s) => {
      for (let from = 0; from < perSession && peer.isOpen; from += perPacket) {
        const filters = Array.from(
          { length: perPacket },
          (_, i) => [`greedy/${s % 2}/${from + i}/+/#`, 1] as const,
        );
        peer.socket.write(subscribe(idAt(from / perPacket), ...filters));
      }
      await pause(Math.max(0, deadline - performance.now()));
    }),
  );
  await endAll(peers);
  await endAll(
    await clients(target.port, sessions, (i) => ({ clientId: `greedy-${i}`, cleanSession: true })),
  );
  return `${peers.length} sessions with ${perSession} filters each`;
};

/** Retained messages by the ten thousand, and clients that ask for all of them again and again. */
export const retainedFlood: Attack = async (target) => {
  const count = 20_000;
  const peers = await clients(target.port, 8);
  const each = count / peers.length;
  const retain = async (payload: string): Promise<void> => {
    await Promise.all(
      peers.map(async (peer, p) => {
        for (let i = 0; i < each && peer.isOpen; i += BURST) {
          const burst = Array.from({ length: BURST }, (_, k) =>
            publish({ topic: `kept/${p}/${i + k}`, payload, retain: true }),
          );
          await peer.send(Buffer.concat(burst));
        }
      }),
    );
  };
  await retain('x'.repeat(200));
  const readers = await clients(target.port, 10);
  const burst = Buffer.concat(
    Array.from({ length: 20 }, (_, i) => subscribe(idAt(i), [i % 2 === 0 ? '#' : 'kept/+/+', 1])),
  );
  const bursts = await floodAll(readers, deadlineOf(target), () => burst);
  await retain('');
  await endAll(peers);
  return `${count} retained messages, ${bursts * 20} subscriptions to all of them`;
};
