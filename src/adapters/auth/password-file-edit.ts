import { randomBytes } from 'node:crypto';
import { chmod, chown, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hashPassword } from './password-hash.js';
import { isPasswordName, parsePasswordText } from './password-text.js';

/** Readable and writable for its owner alone. */
const NEW_FILE_MODE = 0o600;

/**
 * Adds a user to a password file, or sets the password of one that is there. Other lines stay as they are.
 * @param create Begins an empty file where there is none.
 * @returns whether the user is new.
 * @throws Error that says what to do.
 */
export async function setFilePassword(
  file: string,
  {
    name,
    password,
    create = false,
  }: { readonly name: string; readonly password: string; readonly create?: boolean },
): Promise<boolean> {
  if (!isPasswordName(name))
    throw new Error(
      `${JSON.stringify(name)} can't be a user name: it has a colon or a control character, or begins with #`,
    );
  if (password === '') throw new Error('the password is empty');
  const lines = await readLines(file, create);
  const line = `${name}:${await hashPassword(password)}`;
  const index = lines.findIndex((other) => other.startsWith(`${name}:`));
  if (index < 0) lines.push(line);
  else lines[index] = line;
  await replaceFile(file, lines);
  return index < 0;
}

/** Removes a user from a password file. @returns whether there was one. @throws Error when the file can't be edited. */
export async function removeFilePassword(file: string, name: string): Promise<boolean> {
  const lines = await readLines(file, false);
  const left = lines.filter((line) => !line.startsWith(`${name}:`));
  if (left.length === lines.length) return false;
  await replaceFile(file, left);
  return true;
}

async function readLines(file: string, create: boolean): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    if (create) return [];
    throw new Error(`${file} is not there: -c makes it`, { cause: error });
  }
  const [fault] = parsePasswordText(text).faults;
  if (fault !== undefined)
    throw new Error(`${file}:${fault.line}: the line ${fault.problem}: correct it first`);
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** A broker that reads meanwhile finds the old file or the new one, and never a part. Owner and mode are kept. */
async function replaceFile(file: string, lines: readonly string[]): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const before = await stat(target).catch(() => undefined);
  const draft = join(dirname(target), `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    const handle = await open(draft, 'wx', NEW_FILE_MODE);
    try {
      await handle.writeFile(lines.length === 0 ? '' : `${lines.join('\n')}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (before !== undefined) {
      await chown(draft, before.uid, before.gid).catch(() => undefined);
      await chmod(draft, before.mode & 0o7777);
    }
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
