import { setPriority } from 'node:os';
import { ATTACKS } from './attacks/attacks.js';
import { Canary } from './canary.js';
import type { Target } from './peer.js';

/** Attackers would be on other machines: here they take only what the broker and the canary leave of this one. */
const ATTACKER_NICENESS = 10;
/** The canary would be on another machine too: it has to be there when its message comes back. */
const CANARY_NICENESS = -20;

/** What a process of the suite is: a canary, which answers each message of its parent with a report, or an attacker. */
export async function runProcess([role = '', argument = '']: readonly string[]): Promise<void> {
  if (role === 'canary') return runCanary(Number(argument));
  setPriority(ATTACKER_NICENESS);
  const attack = ATTACKS[role];
  if (attack === undefined) throw new Error(`there is no attack ${role}`);
  process.send?.(await attack(JSON.parse(argument) as Target));
  process.disconnect?.();
}

/** Ends when its parent does. */
function runCanary(port: number): Promise<void> {
  try {
    setPriority(CANARY_NICENESS);
  } catch {
    // Only root may: then the canary’s own delay tells what its times are worth.
  }
  return new Promise((resolve) => {
    const canary = new Canary(port, () => process.send?.('ready'));
    process.on('message', () => process.send?.(canary.take()));
    process.on('disconnect', () => resolve());
  });
}
