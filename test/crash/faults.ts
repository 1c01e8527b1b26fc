import { setTimeout as delay } from 'node:timers/promises';
import { type BrokerUnderTest, signalAll } from './broker-under-test.js';
import type { Random } from './random.js';

/** What goes wrong in a round. */
export const brokerFaults = [
  'broker',
  'broker-and-postgres',
  'broker-twice',
  'postgres-then-broker',
  'stall-then-broker',
] as const;
export const postgresFaults = ['postmaster', 'postgres-child', 'all-postgres', 'postgres-twice'] as const;
export type Fault = (typeof brokerFaults)[number] | (typeof postgresFaults)[number];

/** What a fault works on. */
export interface Scene {
  readonly broker: BrokerUnderTest;
  readonly random: Random;
  /** Called when the broker has been killed, and nobody should try to reach it. */
  readonly onDown: () => void;
  /** Called while the database stands still: the time to cut clients off and let them come back. */
  readonly onStall: () => Promise<void>;
}

export function isBrokerFault(fault: Fault): boolean {
  return (brokerFaults as readonly string[]).includes(fault);
}

/** Brings the fault about; a broker that was killed is not running when it resolves. */
export async function strike(fault: Fault, scene: Scene): Promise<void> {
  const { broker, random } = scene;
  switch (fault) {
    case 'broker':
      return killBroker(scene);
    case 'broker-and-postgres':
      return killBoth(scene);
    case 'broker-twice':
      await killBroker(scene);
      broker.launch();
      await delay(random.integer(50, 700));
      return random.chance(0.5) ? killBoth(scene) : killBroker(scene);
    case 'postgres-then-broker':
      signalAll(broker.postgresProcesses(), 'SIGKILL');
      await delay(random.integer(0, 400));
      return killBoth(scene);
    case 'stall-then-broker':
      signalAll(broker.postgresProcesses(), 'SIGSTOP');
      await scene.onStall();
      return killBoth(scene);
    case 'postmaster':
      return signalAll(broker.postgresProcesses().slice(0, 1), 'SIGKILL');
    case 'postgres-child':
      return signalAll([random.pick(childrenOrSelf(broker))], 'SIGKILL');
    case 'all-postgres':
      return signalAll(broker.postgresProcesses(), 'SIGKILL');
    case 'postgres-twice':
      signalAll(broker.postgresProcesses(), 'SIGKILL');
      await delay(random.integer(50, 800));
      return signalAll(broker.postgresProcesses(), 'SIGKILL');
  }
}

async function killBroker({ broker, onDown }: Scene): Promise<void> {
  const killed = broker.kill();
  onDown();
  await killed;
}

async function killBoth(scene: Scene): Promise<void> {
  const processes = scene.broker.postgresProcesses();
  const killed = killBroker(scene);
  signalAll(processes, 'SIGKILL');
  await killed;
}

function childrenOrSelf(broker: BrokerUnderTest): [number, ...number[]] {
  const [postmaster = 0, ...children] = broker.postgresProcesses();
  const [first = postmaster, ...others] = children;
  return [first, ...others];
}
