import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../../crash/random.js';
import { connect, pingreq, publish, pubrel, subscribe, unsubscribe } from '../../support/packets.js';
import { type Attack, deadlineOf, Peer } from '../peer.js';

const AT_A_TIME = 40;
const SEED = 20_261_123;

/** Bytes that are no packets: noise, packets with changed bytes, cut or joined ones, and lengths that are lies. */
export const malformed: Attack = async (target) => {
  const deadline = deadlineOf(target);
  const random = new Random(SEED);
  let connections = 0;
  const attack = async (): Promise<void> => {
    while (performance.now() < deadline) {
      const peer = new Peer(random.chance(0.25) ? target.webSocketPort : target.port);
      connections++;
      if (random.chance(0.66)) peer.socket.write(connect({ clientId: `fuzz-${random.integer(0, 999)}` }));
      peer.socket.write(badBytes(random));
      await Promise.race([peer.ended, pause(30)]);
      peer.destroy();
      await peer.ended;
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, attack));
  return `${connections} connections with malformed bytes (seed ${SEED})`;
};

function badBytes(random: Random): Buffer {
  const packets = [
    connect({ clientId: 'f', will: { topic: 'w', payload: 'w' } }),
    publish({ topic: 'fuzz/a', payload: 'p'.repeat(random.integer(0, 300)), qos: 1, packetId: 1 }),
    ...[subscribe(1, ['fuzz/#', 2]), unsubscribe(2, 'fuzz/#'), pubrel(3), pingreq()],
  ];
  const first = random.integer(0, packets.length - 1);
  const good = Buffer.concat([...packets.slice(first), ...packets.slice(0, first)]);
  switch (random.integer(0, 3)) {
    case 0:
      return Buffer.from(Array.from({ length: random.integer(1, 500) }, () => random.integer(0, 255)));
    case 1:
      for (let i = 0; i < 4; i++) good[random.integer(0, good.length - 1)] = random.integer(0, 255);
      return good;
    case 2:
      return good.subarray(random.integer(0, good.length - 1));
    default:
      return Buffer.concat([Buffer.from([random.integer(0, 255), 0xff, 0xff, 0xff, 0x7f]), good]);
  }
}
