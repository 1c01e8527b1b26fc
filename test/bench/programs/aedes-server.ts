import { createServer, type AddressInfo } from 'node:net';
import { Aedes } from 'aedes';

/** Aedes with its defaults on a loopback port of the system's choice; ends when its standard input does. */
const broker = await Aedes.createBroker();
const server = createServer({ noDelay: true }, broker.handle);
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on ${(server.address() as AddressInfo).port}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
process.on('SIGTERM', () => process.exit(0));
