import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import type { RuleContent, RuleSource } from '../../application/ports/rule-source.js';
import type { SettingFault } from '../../application/ports/setting-fault.js';
import { AclRules } from '../../domain/access/acl-rules.js';
import { parseAcl, type ParsedAcl } from './parse-acl.js';

/** Access rules in a file of mosquitto's format. */
export class AclFile implements RuleSource {
  readonly name = 'ACL file';
  readonly files: readonly string[];

  /** @param path Relative to the working directory. */
  constructor(private readonly path: string) {
    this.files = [path];
  }

  async read(): Promise<RuleContent> {
    const content = await readAcl(this.path);
    if ('problem' in content) throw new Error(`${this.path}: ${content.problem}`);
    const { text, acl } = content;
    if (acl.faults.length > 0) throw new Error(faultLines(this.path, acl).join('\n'));
    const digest = createHash('sha256').update(text).digest('hex');
    return { book: new AclRules(acl), digest, ruleCount: acl.ruleCount };
  }
}

/** What is wrong with the ACL file that a setting names, if there is one. */
export async function aclFileFaults(path: string | undefined): Promise<SettingFault[]> {
  if (path === undefined) return [];
  const setting = ['access', 'aclFile'];
  const content = await readAcl(path);
  if ('problem' in content)
    return [
      { path: setting, problem: `${path}: ${content.problem}`, action: 'name a file that can be read' },
    ];
  return faultLines(path, content.acl).map((problem) => ({
    path: setting,
    problem,
    action: 'correct the line',
  }));
}

type Content = { readonly text: string; readonly acl: ParsedAcl } | { readonly problem: string };

async function readAcl(path: string): Promise<Content> {
  try {
    // A file that isn't UTF-8 has topics that nobody could publish to.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
    return { text, acl: parseAcl(text, basename(path)) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return { problem: 'there is no such file' };
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return { problem: 'it is not in UTF-8' };
    return { problem: `it can't be read: ${(error as Error).message}` };
  }
}

function faultLines(path: string, { faults }: ParsedAcl): string[] {
  return faults.map(({ line, problem }) => `${path}:${line}: ${problem}`);
}
