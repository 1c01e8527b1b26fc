import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';

/**
 * Removes the socket that a program has left behind which isn't there any more.
 * @throws Error that says what to do, when a program listens on it, or what is there is no socket.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const stats = await lstat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (stats === undefined) return requireFolder(dirname(path));
  if (!stats.isSocket())
    throw new Error(`${path} exists and is no socket: move it away, or set another socketPath`);
  if (await isListenedOn(path))
    throw new Error(`${path} is taken by another program: stop it, or set another socketPath`);
  await unlink(path);
}

/** Listening where there is none fails as if there were no permission. */
async function requireFolder(folder: string): Promise<void> {
  const stats = await lstat(folder).catch(() => undefined);
  if (stats === undefined)
    throw new Error(`the folder ${folder} doesn't exist: create it, or set another socketPath`);
}

/** Whoever is no longer there refuses; any other answer may come from a program that is. */
function isListenedOn(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}
