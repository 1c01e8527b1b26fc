import { connect } from 'node:net';
import { type ClientProgram, startClientProgram } from './client-program.js';

/**
 * Starts a server that listens on this port of the loopback address, and waits until it does. As a client program it
 * goes with `killClientPrograms`.
 *
 * @throws Error with what it wrote when it ends instead, or isn't ready in time: it may then still run.
 */
export async function startServerProgram(
  command: readonly [string, ...string[]],
  port: number,
): Promise<ClientProgram> {
  const program = startClientProgram(command, () => undefined);
  await program.waitUntil(() => isListening(port), `a connection to port ${port}`);
  return program;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
