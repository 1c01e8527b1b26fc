import type { Administration, ClientView } from '../../../application/administration/administration.js';
import { type AdminRoute, isDurable, route } from '../admin-route.js';
import { gather, pageOf, type PageQuery, pageQuery } from '../pages.js';
import { notFound } from '../problem.js';
import { changeResult, clientIdParams, flag, integer, objectOf, text, time, timeText } from '../schemas.js';

const TAG = 'Clients';
interface OneClient {
  params: { clientId: string };
}

const clientSchema = objectOf(
  {
    clientId: text('The MQTT client id.'),
    principal: text('The name that it has proved; absent for an anonymous one.'),
    address: text('Its address, without the port.'),
    listener: text('Where it came in.'),
    connectedAt: time('When its connection was made.'),
    keepAliveSeconds: { type: 'number', description: 'The longest silence that it has promised; 0: none.' },
    cleanSession: flag('Whether its session ends with the connection.'),
    subscriptions: integer('Its subscriptions.'),
    inflight: integer('Messages that it was sent and has not acknowledged.'),
    queuedMessages: integer('Messages that wait to be sent.'),
    queuedBytes: integer('Their topic and payload bytes.'),
    outboxBytes: integer('Bytes that wait to be taken by the network.'),
  },
  [
    ...[
      'clientId',
      'address',
      'listener',
      'connectedAt',
      'keepAliveSeconds',
      'cleanSession',
      'subscriptions',
    ],
    ...['inflight', 'queuedMessages', 'queuedBytes', 'outboxBytes'],
  ],
);

/** Those who are connected. */
export function clientRoutes(administration: Administration): readonly AdminRoute[] {
  const { browse } = administration;
  return [
    route<{ query: PageQuery & { prefix?: string; principal?: string; address?: string } }>({
      ...{ method: 'GET', url: '/v1/clients', scope: 'read', tag: TAG, name: 'listClients' },
      summary: 'List the connected clients, in the order of their connections',
      query: pageQuery({
        prefix: text('What the client id begins with.'),
        principal: text('The name that the client has proved.'),
        address: text('Its address.'),
      }),
      answers: pageOf(clientSchema),
      handle: ({ query }) => gather(query, (range) => browse.clients(query, range), clientItem),
    }),
    route<OneClient>({
      ...{ method: 'GET', url: '/v1/clients/:clientId', scope: 'read', tag: TAG, name: 'showClient' },
      summary: 'Show a connected client',
      params: clientIdParams,
      answers: clientSchema,
      problems: { 404: 'No such client is connected.' },
      handle: ({ params }) => {
        const client = browse.client(params.clientId);
        if (client === undefined) throw notConnected(params.clientId);
        return clientItem(client);
      },
    }),
    route<OneClient>({
      ...{ method: 'DELETE', url: '/v1/clients/:clientId', scope: 'operate', tag: TAG },
      ...{ name: 'disconnectClient', action: 'client.disconnect' },
      summary: 'Disconnect a client; its will is published, its durable session stays',
      params: clientIdParams,
      answers: changeResult(),
      problems: { 404: 'No such client is connected.' },
      handle: async ({ params, caller }) => {
        const change = administration.disconnect(params.clientId, caller);
        if (change === undefined) throw notConnected(params.clientId);
        return { durable: await isDurable(change) };
      },
    }),
  ];
}

function notConnected(clientId: string) {
  return notFound(`no client is connected as "${clientId}": GET /v1/clients lists those that are`);
}

function clientItem({ connectedAtMs, ...client }: ClientView) {
  return { ...client, connectedAt: timeText(connectedAtMs) };
}
