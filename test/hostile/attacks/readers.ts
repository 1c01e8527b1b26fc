import { publish, subscribe } from '../../support/packets.js';
import { type Attack, clients, deadlineOf, endAll, floodAll, idAt } from '../peer.js';

const BURST = 50;

/** Subscribers that never read what they asked for, or never acknowledge it, and publishers that send a lot of it. */
export const neverReading: Attack = async (target) => {
  const deadline = deadlineOf(target);
  const count = 60;
  const readers = await clients(target.port, count, (i) => ({
    ...{ clientId: `deaf-${i}`, cleanSession: i % 3 !== 0 },
  }));
  for (const [i, peer] of readers.entries()) {
    await peer.send(subscribe(1, ['deaf/#', i % 3 === 1 ? 0 : 1]));
    // Some read and never acknowledge; the others don't even read.
    if (i % 2 === 0) peer.socket.pause();
  }
  const publishers = await clients(target.port, 4);
  let id = 0;
  const one = (p: number): Buffer => {
    const fields = { topic: `deaf/${p}`, payload: Buffer.alloc(1000) };
    return p % 2 === 0 ? publish(fields) : publish({ ...fields, qos: 1, packetId: idAt(id++) });
  };
  const bursts = await floodAll(publishers, deadline, (p) =>
    Buffer.concat(Array.from({ length: BURST }, () => one(p))),
  );
  await endAll(readers);
  await endAll(await clients(target.port, count, (i) => ({ clientId: `deaf-${i}`, cleanSession: true })));
  return `${bursts * BURST} messages for ${count} clients that don't read or acknowledge`;
};
