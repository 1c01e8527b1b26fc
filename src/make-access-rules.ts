import { AclFile } from './adapters/acl-file/acl-file.js';
import type { Config } from './adapters/config/config.js';
import { AccessRules } from './application/access-rules.js';
import type { RuleSource } from './application/ports/rule-source.js';

/**
 * The rules that a configuration names, not read yet.
 * @param roles The source of roles and their rules, where there is a database.
 */
export function makeAccessRules(access: Config['access'], roles: RuleSource | undefined): AccessRules {
  const sources = [
    ...(access.aclFile === undefined ? [] : [new AclFile(access.aclFile)]),
    ...(access.roles && roles !== undefined ? [roles] : []),
  ];
  return new AccessRules(sources, access.aclFile !== undefined || access.roles);
}
