import { setTimeout as pause } from 'node:timers/promises';
import { connect, frame, subscribe, uint16 } from '../../support/packets.js';
import { type Attack, deadlineOf, endAll, many, Peer } from '../peer.js';

/** Thousands that connect and say nothing: to the TCP listener, and to the WebSocket listener before the upgrade. */
export const halfOpen: Attack = async (target) => {
  const deadline = deadlineOf(target);
  const peers = await many(target.clients, async (i) => {
    const peer = new Peer(i % 4 === 0 ? target.webSocketPort : target.port);
    await peer.opened;
    if (i % 2 === 1 && i % 4 !== 0) peer.socket.write(connect({ clientId: `half-${i}` }).subarray(0, 6));
    return peer;
  });
  await pause(Math.max(0, deadline - performance.now()));
  await endAll(peers);
  return `${peers.length} connections without a CONNECT`;
};

/** A byte at a time: of a CONNECT that never ends, of an upgrade, and of a large packet of a client that was let in. */
export const dribblers: Attack = async (target) => {
  const deadline = deadlineOf(target);
  const count = Math.ceil(target.clients / 5);
  const endless = frame(0x30, uint16(1), Buffer.from('t'), Buffer.alloc(100_000));
  const peers = await many(count, async (i): Promise<{ peer: Peer; bytes: Uint8Array }> => {
    if (i % 3 === 0) {
      const peer = (await Peer.connected(target.port)) ?? new Peer(target.port);
      return { peer, bytes: endless };
    }
    const peer = new Peer(i % 3 === 1 ? target.port : target.webSocketPort);
    await peer.opened;
    const bytes =
      i % 3 === 1 ? connect({ clientId: 'x'.repeat(60_000) }) : Buffer.from('GET /mqtt HTTP/1.1\r\n');
    return { peer, bytes };
  });
  let sent = 0;
  for (let at = 0; performance.now() < deadline; at++) {
    for (const { peer, bytes } of peers) {
      if (!peer.isOpen || at >= bytes.length) continue;
      peer.socket.write(bytes.subarray(at, at + 1));
      sent++;
    }
    await pause(20);
  }
  await endAll(peers.map(({ peer }) => peer));
  return `${count} connections, ${sent} single bytes`;
};

/** All clients at once, again and again: each connects, subscribes, and is cut. */
export const reconnectStorm: Attack = async (target) => {
  const deadline = deadlineOf(target);
  let connects = 0;
  while (performance.now() < deadline) {
    const peers = await many(
      target.clients,
      async (i) => {
        const peer = new Peer(target.port);
        peer.socket.write(connect({ clientId: `storm-${i}`, cleanSession: true }));
        peer.socket.write(subscribe(1, [`storm/${i}`, 1]));
        const answered = new Promise<void>((resolve) => peer.socket.once('data', () => resolve()));
        await Promise.race([answered, peer.ended]);
        if (peer.isOpen) connects++;
        return peer;
      },
      target.clients,
    );
    await endAll(peers);
  }
  return `${connects} connects of ${target.clients} clients at once`;
};

/** Durable clients that take each other's connections over as fast as they are let in. */
export const takeoverStorm: Attack = async (target) => {
  const deadline = deadlineOf(target);
  const ids = 50;
  let connects = 0;
  const fight = async (i: number): Promise<void> => {
    const clientId = `duel-${i % ids}`;
    while (performance.now() < deadline) {
      const peer = await Peer.connected(target.port, {
        ...{ clientId, cleanSession: false },
        will: { topic: `duel/${i % ids}`, payload: 'gone', qos: 1 },
      });
      if (peer !== undefined) connects++;
      await Promise.race([peer?.ended, pause(50)]);
      peer?.destroy();
    }
  };
  await Promise.all(Array.from({ length: ids * 4 }, (_, i) => fight(i)));
  // Nothing of them stays.
  const last = await many(ids, (i) =>
    Peer.connected(target.port, { clientId: `duel-${i}`, cleanSession: true }),
  );
  await endAll(last.filter((peer) => peer !== undefined));
  return `${connects} connects for ${ids} durable client ids`;
};
