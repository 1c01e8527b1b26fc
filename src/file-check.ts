import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';

import type { SettingFault } from './application/ports/setting-fault.js';

/** What is wrong with a file that a setting names, if it names one. @param path Where the setting stands. */
export function fileFaults(file: string | undefined, path: SettingFault['path']): readonly SettingFault[] {
  if (file === undefined) return [];
  try {
    accessSync(resolve(file), constants.R_OK);
    return [];
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const problem = `${file} ${isMissing ? 'is not there' : "can't be read"}`;
    return [{ path, problem, action: 'correct the name, or let the user of the broker read it' }];
  }
}
