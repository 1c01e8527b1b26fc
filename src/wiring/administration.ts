import { Container } from 'inversify';

import { hashPassword } from '../adapters/auth/password-hash.js';
import type { Config } from '../adapters/config/config.js';
import type { AccessRules } from '../application/access-rules.js';
import { Administration } from '../application/administration/administration.js';
import { ManageBans } from '../application/administration/manage-bans.js';
import { ManageRoles } from '../application/administration/manage-roles.js';
import { ManageUsers } from '../application/administration/manage-users.js';
import type { SettleChange } from '../application/administration/settle-change.js';
import { AuditRecorder } from '../application/audit-recorder.js';
import { Bans } from '../application/authentication/bans.js';
import { BrokerState } from '../application/broker-state.js';
import { EndConnection } from '../application/end-connection.js';
import { EndSession } from '../application/end-session.js';
import { ExplainAccess } from '../application/explain-access.js';
import type { Storage } from '../application/ports/storage.js';
import { Reload } from '../application/reload.js';
import type { ReloadAccess } from '../application/reload-access.js';
import { RouteMessage } from '../application/route-message.js';
import { type AccessAdministration, type DatabaseWatch, Own, T } from './tokens.js';

/** Binds what an operator may ask of the running broker. */
export function bindAdministration(container: Container): void {
  container
    .bind(Own.administration)
    .toResolvedValue(
      (
        state: BrokerState,
        { limits }: Config,
        storage: Storage,
        router: RouteMessage,
        endConnection: EndConnection,
        endSession: EndSession,
        audit: AuditRecorder,
      ) => new Administration({ state, limits, storage, router, endConnection, endSession, audit }),
      [
        ...[Own.state, T.config, T.storage, Own.router],
        ...[Own.endConnection, Own.endSession, Own.audit],
      ] as const,
    );
  container.bind(Own.accessAdministration).toResolvedValue(
    (
      administration: Administration,
      storage: Storage,
      bans: Bans,
      rules: AccessRules,
      { limits }: Config,
      watch: DatabaseWatch,
      reload: Reload,
      reloadAccess: ReloadAccess,
    ) => {
      const { userDirectory, roleDirectory } = storage;
      const settle = settling(administration, watch);
      const users = settle(() => watch.revokeUsers?.look());
      const roles = settle(() => reload.reload(reloadAccess, 'table_changed'));
      return {
        users: userDirectory && new ManageUsers(userDirectory, hashPassword, users),
        roles: roleDirectory && new ManageRoles(roleDirectory, roles),
        bans: new ManageBans(bans, settle()),
        explainer: new ExplainAccess(rules, limits),
      } satisfies AccessAdministration;
    },
    [
      ...[Own.administration, T.storage, Own.bans, Own.accessRules, T.config],
      ...[Own.databaseWatch, Own.reload, Own.reloadAccess],
    ] as const,
  );
}

/** @returns what follows changes. @param enforce Has a change count for those who are connected. */
function settling(administration: Administration, { adminActions }: DatabaseWatch) {
  return (enforce: () => Promise<void> | undefined = () => undefined): SettleChange =>
    (action, caller, details) => {
      const { durable } = administration.changed(action, caller, { details });
      const settled = Promise.all([durable, adminActions?.look(), enforce()]);
      return { durable: settled.then(() => undefined) };
    };
}
