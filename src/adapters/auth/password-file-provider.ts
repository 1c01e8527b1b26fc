import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type {
  AuthenticationProvider,
  ProviderDecision,
} from '../../application/ports/authentication-provider.js';
import type { Credentials } from '../../application/ports/authenticator.js';
import type { SettingFault } from '../../application/ports/setting-fault.js';
import { named } from '../../domain/access/principal.js';
import type { PasswordChecker } from './password-checker.js';
import { costOf, decoyOf, type PasswordHash } from './password-hash.js';
import { parsePasswordText } from './password-text.js';
import { refused } from './refused.js';

/** Users and their passwords in a file, of the format of mosquitto_passwd. */
export class PasswordFileProvider implements AuthenticationProvider {
  readonly files: readonly string[];
  private hashes: ReadonlyMap<string, PasswordHash> = new Map();
  private decoy = decoyOf(undefined);
  private text = '';

  constructor(
    readonly name: string,
    file: string,
    private readonly checker: PasswordChecker,
  ) {
    this.files = [resolve(file)];
  }

  async decide({ userName, password, isAwaited }: Credentials): Promise<ProviderDecision> {
    if (userName === undefined || password === undefined) return 'ignored';
    const stored = this.hashes.get(userName);
    // Who isn't there takes as long as who is: names can't be found out by the time.
    const isRight = await this.checker.check(stored ?? this.decoy, password, isAwaited);
    if (stored === undefined) return 'ignored';
    return isRight ? { principal: named(userName) } : refused('wrong_password');
  }

  async reload(): Promise<boolean> {
    const [file = ''] = this.files;
    const text = await readFile(file, 'utf8');
    const { hashes, faults } = parsePasswordText(text);
    if (faults.length > 0)
      throw new Error(faults.map(({ line, problem }) => `${file}:${line}: the line ${problem}`).join('\n'));
    if (text === this.text) return false;
    this.text = text;
    this.hashes = hashes;
    this.decoy = decoyOf(commonest(hashes.values()));
    return true;
  }
}

/** What is wrong with a password file. @param path Where the configuration names it. */
export async function passwordFileFaults(
  file: string,
  path: SettingFault['path'],
): Promise<readonly SettingFault[]> {
  try {
    const { faults } = parsePasswordText(await readFile(file, 'utf8'));
    return faults.map(({ line, problem }) => ({
      path,
      problem: `line ${line} of ${file} ${problem}`,
      action: 'correct the line, or set the password anew with "surety passwd"',
    }));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const problem = code === 'ENOENT' ? `${file} is not there` : `${file} can't be read (${code})`;
    return [{ path, problem, action: 'make the file with "surety passwd -c", or correct its name' }];
  }
}

/** One of those hashes whose cost most of them have: nearly all users then take the same time as a stranger. */
function commonest(hashes: Iterable<PasswordHash>): PasswordHash | undefined {
  const counts = new Map<string, { count: number; readonly hash: PasswordHash }>();
  for (const hash of hashes) {
    const counted = counts.get(costOf(hash)) ?? { count: 0, hash };
    counted.count++;
    counts.set(costOf(hash), counted);
  }
  const [most] = [...counts.values()].sort((a, b) => b.count - a.count);
  return most?.hash;
}
