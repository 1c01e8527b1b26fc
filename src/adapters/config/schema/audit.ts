import { z } from 'zod';

import { count, countUpTo, optionalText, topicFilter, WAIT_SECONDS_LIMIT } from './fields.js';

/** The audit trail. */
export const auditSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe('Whether the audit trail is written. That it is not is its last record.'),
  retentionDays: countUpTo(
    0,
    36_500,
    0,
    'How long records are kept; whole months (UTC) that are older are dropped. 0 keeps all.',
  ),
  messages: z
    .array(topicFilter)
    .default([])
    .describe(
      'Topic filters; of the messages on these topics the trail tells who published each, who was sent it, and what became of it.',
    ),
  checkpoints: z
    .strictObject({
      everyRecords: count(1, 1000, 'A checkpoint is signed after so many records.'),
      everySeconds: countUpTo(
        1,
        WAIT_SECONDS_LIMIT,
        10,
        'A checkpoint is signed so long after the last one, if there is a new record.',
      ),
      file: optionalText(
        'The file that checkpoints are added to. When absent: `audit/checkpoints.jsonl` in `dataDir`.',
      ),
      keyFile: optionalText(
        'The private key (Ed25519, PEM) that signs checkpoints. When absent: `audit/checkpoint-key.pem` in `dataDir`, made at the first start.',
      ),
    })
    .prefault({})
    .describe('Signed statements of how far the trail had come, kept outside the database.'),
  syslog: z
    .strictObject({
      url: z
        .string()
        .regex(
          /^syslog\+(tcp|tls):\/\/[^\s/@]+:\d+$/,
          'must look like syslog+tls://host:6514 or syslog+tcp://host:514',
        )
        .optional()
        .describe('Where checkpoints are sent as well (RFC 5424).'),
      caFile: optionalText(
        'The certificates (PEM) that the syslog server is checked against. When absent: those of Node.js.',
      ),
    })
    .prefault({})
    .describe('A syslog server for checkpoints.'),
  refusals: z
    .strictObject({
      foldSeconds: countUpTo(
        0,
        3600,
        10,
        'Within so long, repeated refusals of one client for one reason are counted in one record.',
      ),
    })
    .prefault({})
    .describe('How a storm of refusals is recorded.'),
});
