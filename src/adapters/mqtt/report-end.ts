import { countUp } from '../../domain/counters.js';
import type { CloseReason } from '../../domain/close-reason.js';
import type { LogFields } from '../../application/ports/logger.js';
import type { LinkContext } from './link-context.js';

/** Ends that are no fault of anybody. */
const ORDINARY: ReadonlySet<CloseReason> = new Set([
  'disconnect_packet',
  'peer_closed',
  'taken_over',
  'server_shutdown',
]);

/** Counts the end of a connection, and tells the operator's log of it. */
export function reportEnd(
  { broker, logger, misbehaviour }: Pick<LinkContext, 'broker' | 'logger' | 'misbehaviour'>,
  reason: CloseReason,
  fields: LogFields,
): void {
  countUp(broker.counters.closed, reason);
  if (ORDINARY.has(reason)) logger.debug('connection ended', { reason, ...fields });
  else misbehaviour.report(reason, 'connection closed', { reason, ...fields });
}
