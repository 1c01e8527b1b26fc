import process from 'node:process';
import type { Socket } from 'node:net';
import { type CompleteHeader, parseProxyHeader } from './proxy-header.js';

/**
 * Reads the PROXY header that a socket begins with, in however many pieces it comes, and leaves what follows it to be
 * read. How long that may take is for the caller to see to.
 * @param done Called once, unless the socket ends before.
 */
export function readProxyHeader(socket: Socket, done: (header: CompleteHeader | 'malformed') => void): void {
  let gathered = Buffer.alloc(0);
  const read = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    gathered = Buffer.concat([gathered, chunk]);
    const header = parseProxyHeader(gathered);
    if (header === 'incomplete') return;
    socket.removeListener('readable', read);
    if (header !== 'malformed' && gathered.length > header.length)
      socket.unshift(gathered.subarray(header.length));
    // By then the socket has seen that nobody waits for 'readable' any more, and flows for the next reader.
    process.nextTick(done, header);
  };
  socket.on('readable', read);
}
