import { Container } from 'inversify';

import { AuditRecorder } from '../application/audit-recorder.js';
import type { Logger } from '../application/ports/logger.js';
import type { Reloadable } from '../application/ports/reloadable.js';
import { Reload } from '../application/reload.js';
import { Own, T } from './tokens.js';

/** Binds what reads anew all that areas have bound as `Own.reloadable`. */
export function bindReload(container: Container): void {
  container
    .bind(Own.reload)
    .toResolvedValue(
      (reloadables: Reloadable[], audit: AuditRecorder, logger: Logger) =>
        new Reload(reloadables, audit, logger),
      [{ serviceIdentifier: Own.reloadable, isMultiple: true }, Own.audit, T.logger],
    );
}
