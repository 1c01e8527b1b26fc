import type { Counters } from '../../domain/counters.js';
import type { BrokerState } from '../broker-state.js';

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
const dropped = ({ dropped: byReason }: Counters): number => sum(Object.values(byReason));

/** Figures by the name of their topic below `$SYS/broker/`, as Mosquitto has them. Rates are not among them. */
export function sysValues({
  counters,
  clients,
  sessions,
  retained,
  subscriptions,
}: BrokerState): [topic: string, value: number][] {
  const { inflight, queuedMessages, queuedBytes } = counters.totals;
  const offline = sessions.size - clients.size;
  const stored = retained.size + inflight + queuedMessages;
  const storedBytes = retained.bytes + queuedBytes;
  return [
    ['clients/total', sessions.size],
    ['clients/connected', clients.size],
    ['clients/active', clients.size],
    ['clients/disconnected', offline],
    ['clients/inactive', offline],
    ['clients/maximum', counters.clientsMax],
    ['clients/expired', counters.sessionsExpired],
    ['messages/received', counters.receivedPackets],
    ['messages/sent', counters.sentPackets],
    ['messages/inflight', inflight],
    ['messages/stored', stored],
    ['store/messages/count', stored],
    ['store/messages/bytes', storedBytes],
    ['bytes/received', counters.receivedBytes],
    ['bytes/sent', counters.sentBytes],
    ['publish/messages/received', sum(counters.received)],
    ['publish/messages/sent', sum(counters.sent)],
    ['publish/messages/dropped', dropped(counters)],
    ['publish/bytes/received', sum(counters.receivedPayloadBytes)],
    ['publish/bytes/sent', sum(counters.sentPayloadBytes)],
    ['retained messages/count', retained.size],
    ['subscriptions/count', subscriptions.size],
  ];
}

/** Counters by the name of their rates below `$SYS/broker/load/`. */
export function loadCounts({ counters }: BrokerState): [topic: string, count: () => number][] {
  return [
    ['connections', () => counters.connectsAccepted + sum(counters.connectsRefused.values())],
    ['sockets', () => counters.connectionsOpened],
    ['messages/received', () => counters.receivedPackets],
    ['messages/sent', () => counters.sentPackets],
    ['bytes/received', () => counters.receivedBytes],
    ['bytes/sent', () => counters.sentBytes],
    ['publish/received', () => sum(counters.received)],
    ['publish/sent', () => sum(counters.sent)],
    ['publish/dropped', () => dropped(counters)],
  ];
}
