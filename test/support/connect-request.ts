import type { Broker, ConnectedClient, ConnectOutcome } from '../../src/application/broker.js';
import type { ConnectRequest } from '../../src/domain/connect-request.js';
import { FakeLink } from './fake-link.js';

/** A CONNECT with nothing special about it but what a test names. */
export function connectRequest(changes: Partial<ConnectRequest> = {}): ConnectRequest {
  return {
    clientId: 'client',
    cleanSession: true,
    keepAliveSeconds: 0,
    will: undefined,
    userName: undefined,
    password: undefined,
    anonymousAllowed: true,
    ...changes,
  };
}

/** A client that was let in, with its link emptied of the CONNACK. */
export async function connected(
  broker: Broker,
  changes: Partial<ConnectRequest> = {},
): Promise<{ readonly client: ConnectedClient; readonly link: FakeLink }> {
  const link = new FakeLink();
  const outcome: ConnectOutcome = await broker.connect(connectRequest(changes), link);
  if (!('client' in outcome)) throw new Error(`not let in: ${JSON.stringify(outcome)}`);
  const [connack] = link.sent;
  if (connack?.type !== 'connack') throw new Error('the first packet is not CONNACK');
  link.sent = link.sent.slice(1);
  return { client: outcome.client, link };
}
