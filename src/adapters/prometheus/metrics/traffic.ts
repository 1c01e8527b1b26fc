import { byQos, type MetricDefinition } from '../metric-definition.js';

/** What clients send and are sent. */
export const TRAFFIC: readonly MetricDefinition[] = [
  {
    name: 'surety_messages_received_total',
    type: 'counter',
    help: 'PUBLISH packets received from clients.',
    labels: ['qos'],
    read: ({ broker }) => byQos(broker.counters.received),
  },
  {
    name: 'surety_messages_sent_total',
    type: 'counter',
    help: 'PUBLISH packets sent to clients, repeats included.',
    labels: ['qos'],
    read: ({ broker }) => byQos(broker.counters.sent),
  },
  {
    name: 'surety_messages_received_bytes_total',
    type: 'counter',
    help: 'Payload bytes of the PUBLISH packets received.',
    labels: ['qos'],
    read: ({ broker }) => byQos(broker.counters.receivedPayloadBytes),
  },
  {
    name: 'surety_messages_sent_bytes_total',
    type: 'counter',
    help: 'Payload bytes of the PUBLISH packets sent.',
    labels: ['qos'],
    read: ({ broker }) => byQos(broker.counters.sentPayloadBytes),
  },
  {
    name: 'surety_messages_dropped_total',
    type: 'counter',
    help: 'Messages discarded, by reason. No message is discarded without being counted here.',
    labels: ['reason'],
    read: ({ broker }) => Object.entries(broker.counters.dropped),
  },
  {
    name: 'surety_wills_published_total',
    type: 'counter',
    help: 'Wills published, of clients that went without DISCONNECT.',
    read: ({ broker }) => broker.counters.willsPublished,
  },
  {
    name: 'surety_packets_received_total',
    type: 'counter',
    help: 'MQTT packets of every kind received.',
    read: ({ broker }) => broker.counters.receivedPackets,
  },
  {
    name: 'surety_packets_sent_total',
    type: 'counter',
    help: 'MQTT packets of every kind sent.',
    read: ({ broker }) => broker.counters.sentPackets,
  },
  {
    name: 'surety_received_bytes_total',
    type: 'counter',
    help: 'All bytes that clients have sent, without those of TLS or WebSocket.',
    read: ({ broker }) => broker.counters.receivedBytes,
  },
  {
    name: 'surety_sent_bytes_total',
    type: 'counter',
    help: 'All bytes that clients were sent, without those of TLS or WebSocket.',
    read: ({ broker }) => broker.counters.sentBytes,
  },
];
