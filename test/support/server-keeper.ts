import { EmbeddedServer } from '../../src/adapters/postgres/embedded-server.js';
import { StartFailure } from '../../src/adapters/postgres/start-failure.js';
import { silentLogger } from './silent-logger.js';

/**
 * A program for tests to kill: it keeps an embedded server on the directory in its first argument, as a broker does.
 * It prints one line: `{ "pid", "socket", "password" }` of the server, or `{ "code", "message" }` of the failure. SIGTERM stops it in order.
 */
try {
  const server = await EmbeddedServer.start({ dataDir: process.argv[2] ?? '', logger: silentLogger });
  process.once('SIGTERM', () => void server.stop());
  const { path: socket, password } = server.address.options;
  console.log(JSON.stringify({ pid: server.pid, socket, password }));
} catch (error) {
  const { code, message } = error instanceof StartFailure ? error : { code: 'bug', message: String(error) };
  console.log(JSON.stringify({ code, message }));
}
