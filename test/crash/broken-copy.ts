import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A fault that is put into a copy of the broker: a piece of a compiled file, and what stands there instead. */
interface Patch {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The faults that the crash test is to find. */
export const breakages = {
  /** The sender is answered when its message is gathered, not when it is committed. */
  'early-ack': {
    file: 'application/publish-message.js',
    from: 'if (publication === undefined) {',
    to: 'if (true) {',
  },
  /** PUBREL leaves before the receiver's PUBREC is durable. */
  'early-pubrel': {
    file: 'application/acknowledge-delivery.js',
    from: 'this.journal.received(session, delivery, () => session.release(delivery));',
    to: 'this.journal.received(session, delivery, () => undefined), session.release(delivery);',
  },
  /** PUBCOMP leaves before it is durable that the packet id means a new message now. */
  'forget-late': {
    file: 'application/acknowledge-delivery.js',
    from: 'this.removeId(session, packetId, answer);',
    to: 'this.journal.forgetReceivedId(session, packetId, () => undefined), receivedIds.forget(packetId), answer();',
  },
  /** A QoS 2 message is sent on before it is committed. */
  'early-send': {
    file: 'domain/session/delivery.js',
    from: "return this.qos === 1 || this.storage === 'volatile' || this.storage === 'written';",
    to: 'return true;',
  },
} as const satisfies Record<string, Patch>;

export type Breakage = keyof typeof breakages;

/**
 * Copies the built broker from `root` to `folder`, with one fault in it.
 * @returns `folder`.
 * @throws Error when the piece to replace is not there exactly once: the broker has changed, and the fault must follow.
 */
export function brokenCopy(root: string, folder: string, breakage: Breakage): string {
  const { file, from, to }: Patch = breakages[breakage];
  mkdirSync(folder, { recursive: true });
  for (const name of ['bin', 'dist', 'migrations', 'package.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const path = join(folder, 'dist', file);
  const pieces = readFileSync(path, 'utf8').split(from);
  if (pieces.length !== 2) throw new Error(`dist/${file} has no single "${from}" to break`);
  writeFileSync(path, pieces.join(to));
  return folder;
}
