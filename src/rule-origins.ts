import { AclFile } from './adapters/acl-file/acl-file.js';
import type { Config } from './adapters/config/config.js';
import type { RuleOrigins } from './application/access-rules.js';
import type { RuleSource } from './application/ports/rule-source.js';

/**
 * Where a configuration says that access rules come from.
 * @param roles The source of roles and their rules, where there is a database.
 */
export function ruleOriginsOf(
  { aclFile, roles: hasRoles }: Pick<Config['access'], 'aclFile' | 'roles'>,
  roles: RuleSource | undefined,
): RuleOrigins {
  const sources = [
    ...(aclFile === undefined ? [] : [new AclFile(aclFile)]),
    ...(hasRoles && roles !== undefined ? [roles] : []),
  ];
  return { sources, isRestricted: aclFile !== undefined || hasRoles };
}
