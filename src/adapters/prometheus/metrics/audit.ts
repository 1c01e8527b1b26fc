import type { MetricDefinition } from '../metric-definition.js';

/** The audit trail. Without one, its metrics are 0. */
export const AUDIT: readonly MetricDefinition[] = [
  {
    name: 'surety_audit_records_total',
    type: 'counter',
    help: 'Records of the audit trail, those of earlier runs included: the sequence of the chain head.',
    read: ({ storage }) => storage.trail.head.sequence,
  },
  {
    name: 'surety_audit_written',
    type: 'gauge',
    help: '1 while the audit trail is written.',
    read: ({ storage }) => (storage.trail.isWritten ? 1 : 0),
  },
  {
    name: 'surety_audit_checkpoint_sequence',
    type: 'gauge',
    help: 'The last record that a signed checkpoint covers; behind a start 0 until the first is written.',
    read: ({ audit }) => audit?.signedSequence() ?? 0,
  },
  {
    name: 'surety_audit_checkpoint_age_seconds',
    type: 'gauge',
    help: 'How long the oldest record that no checkpoint covers has waited; 0 when there is none.',
    read: ({ audit }) => (audit?.checkpointAgeMs() ?? 0) / 1000,
  },
  {
    name: 'surety_audit_syslog_dropped_total',
    type: 'counter',
    help: 'Checkpoints that never went to the syslog server, because it was away for too long.',
    read: ({ audit }) => audit?.syslogDropped() ?? 0,
  },
];
