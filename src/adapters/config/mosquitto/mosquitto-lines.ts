import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** One setting of a mosquitto.conf. */
export interface MosquittoLine {
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  readonly name: string;
  /** All behind the name, without blanks around it. */
  readonly value: string;
}

/**
 * Reads a mosquitto.conf, and what its `include_dir` lines name, in the order in which mosquitto does.
 * @throws Error that says which file can't be read.
 */
export function readMosquittoLines(file: string): MosquittoLine[] {
  return textOf(file)
    .split(/\r?\n/)
    .flatMap((text, index): MosquittoLine[] => {
      const [, name = '', value = ''] = /^\s*([^\s#]\S*)\s*(.*?)\s*$/.exec(text) ?? [];
      if (name === '') return [];
      if (name === 'include_dir') return filesIn(value).flatMap(readMosquittoLines);
      return [{ file, line: index + 1, name, value }];
    });
}

/** Capital letters come first, as in the locale C. */
function filesIn(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.conf'));
    const files = names.sort((a, b) => (a < b ? -1 : 1)).map((name) => join(folder, name));
    return files.filter((file) => statSync(file).isFile());
  } catch (error) {
    throw new Error(`the folder ${folder} that include_dir names can't be read`, { cause: error });
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${file} can't be read: is it there, and may this user read it?`, { cause: error });
  }
}
