import { Container } from 'inversify';

import { configText } from '../adapters/config/config-text.js';
import type { Config } from '../adapters/config/config.js';
import { hexDigest } from '../adapters/crypto/node-digest.js';
import { AuditRecorder } from '../application/audit-recorder.js';
import { BrokerRun } from '../application/broker-run.js';
import { MessageTrail } from '../application/message-trail.js';
import { OverflowWatch } from '../application/overflow-watch.js';
import type { Clock } from '../application/ports/clock.js';
import type { Storage } from '../application/ports/storage.js';
import type { TopicFilter } from '../domain/topic/topic-filter.js';
import type { AuditKeeping } from '../audit-keeping.js';
import type { ConfigApplier } from '../reloading.js';
import { toldSettings } from '../told-settings.js';
import { VERSION } from '../version.js';
import { Own, T } from './tokens.js';

/** Binds those who tell the audit trail. */
export function bindAudit(container: Container): void {
  container
    .bind(Own.audit)
    .toResolvedValue(
      ({ trail }: Storage, clock: Clock, { audit }: Config) =>
        new AuditRecorder(trail, clock, audit.refusals),
      [T.storage, T.clock, T.config],
    );
  container
    .bind(Own.overflows)
    .toResolvedValue(
      (audit: AuditRecorder, { limits }: Config, clock: Clock) => new OverflowWatch(audit, limits, clock),
      [Own.audit, T.config, T.clock],
    );
  container
    .bind(Own.messages)
    .toResolvedValue(
      ({ trail }: Storage, clock: Clock, { audit }: Config) =>
        new MessageTrail(trail, clock, audit.messages as TopicFilter[]),
      [T.storage, T.clock, T.config],
    );
  container.bind(Own.configApplier).toResolvedValue(
    (messages: MessageTrail): ConfigApplier => ({
      keys: ['audit.messages'],
      apply: ({ audit }) => messages.setFilters(audit.messages as TopicFilter[]),
    }),
    [Own.messages],
  );
  container.bind(Own.configApplier).toResolvedValue(
    ({ keeping }: { readonly keeping: AuditKeeping | undefined }): ConfigApplier => ({
      keys: ['audit.checkpoints'],
      apply: () => keeping?.checkpoints.paceChanged(),
    }),
    [Own.keeping],
  );
  container.bind(Own.configApplier).toResolvedValue(
    ({ keeping }: { readonly keeping: AuditKeeping | undefined }): ConfigApplier => ({
      keys: ['audit.syslog'],
      apply: ({ audit }) => keeping?.moveSyslog(audit.syslog),
    }),
    [Own.keeping],
  );
  container.bind(Own.run).toResolvedValue(
    ({ trail }: Storage, audit: AuditRecorder, overflows: OverflowWatch, config: Config) => {
      const configuration = hexDigest(configText(config));
      return new BrokerRun(trail, audit, overflows, {
        ...{ version: VERSION, configuration, isAudited: config.audit.enabled },
        settings: toldSettings(config),
      });
    },
    [T.storage, Own.audit, Own.overflows, T.config],
  );
}
