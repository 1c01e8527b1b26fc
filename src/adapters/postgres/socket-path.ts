import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** The address of a Unix socket holds 108 bytes on Linux and 104 on other systems, its final zero included. */
const addressBytesMax = 103;

/** A path by which a socket can be reached, for as long as it is open. */
export interface SocketPath {
  readonly path: string;
  /** Makes the shortcut, if one is needed and not there. */
  open(): void;
  /** Removes it. */
  close(): void;
}

/**
 * Gives a socket in a deep directory a path short enough to connect to: through a symbolic link in a private
 * directory under the system's temporary one. The path stays the same for the life of the object.
 */
export function reachableSocketPath(socket: string): SocketPath {
  if (Buffer.byteLength(socket) <= addressBytesMax) {
    return { path: socket, open: () => undefined, close: () => undefined };
  }
  const base = Buffer.byteLength(tmpdir()) < 60 ? tmpdir() : '/tmp';
  const shortcut = join(base, `surety-${randomBytes(9).toString('base64url')}`);
  return {
    path: join(shortcut, 's', basename(socket)),
    open: () => {
      if (existsSync(join(shortcut, 's'))) return;
      // Fails where somebody else has the name, which nobody can guess.
      mkdirSync(shortcut, { mode: 0o700 });
      symlinkSync(dirname(socket), join(shortcut, 's'));
    },
    close: () => rmSync(shortcut, { recursive: true, force: true }),
  };
}
