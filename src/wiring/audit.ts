import { Container } from 'inversify';

import { configText } from '../adapters/config/config-text.js';
import type { Config } from '../adapters/config/config.js';
import { NodeDigest } from '../adapters/crypto/node-digest.js';
import { AuditRecorder } from '../application/audit-recorder.js';
import { BrokerRun } from '../application/broker-run.js';
import { MessageTrail } from '../application/message-trail.js';
import { OverflowWatch } from '../application/overflow-watch.js';
import type { Clock } from '../application/ports/clock.js';
import type { Storage } from '../application/ports/storage.js';
import type { TopicFilter } from '../domain/topic/topic-filter.js';
import { VERSION } from '../version.js';
import { Own, T } from './tokens.js';

/** Binds those who tell the audit trail. */
export function bindAudit(container: Container): void {
  container
    .bind(Own.audit)
    .toResolvedValue(
      ({ trail }: Storage, clock: Clock, { audit }: Config) =>
        new AuditRecorder(trail, clock, audit.refusals.foldSeconds * 1000),
      [T.storage, T.clock, T.config],
    );
  container
    .bind(Own.overflows)
    .toResolvedValue(
      (audit: AuditRecorder, { limits }: Config, clock: Clock) =>
        new OverflowWatch(audit, limits.queuePolicy, clock),
      [Own.audit, T.config, T.clock],
    );
  container
    .bind(Own.messages)
    .toResolvedValue(
      ({ trail }: Storage, clock: Clock, { audit }: Config) =>
        new MessageTrail(trail, clock, new NodeDigest(), audit.messages as TopicFilter[]),
      [T.storage, T.clock, T.config],
    );
  container.bind(Own.run).toResolvedValue(
    ({ trail }: Storage, audit: AuditRecorder, overflows: OverflowWatch, config: Config) => {
      const digest = Buffer.from(new NodeDigest().sha256(configText(config)));
      const configuration = digest.toString('hex');
      return new BrokerRun(trail, audit, overflows, {
        ...{ version: VERSION, configuration, isAudited: config.audit.enabled },
      });
    },
    [T.storage, Own.audit, Own.overflows, T.config],
  );
}
