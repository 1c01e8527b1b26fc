import { existsSync, writeFileSync } from 'node:fs';

import type { ImportAction } from './adapters/cli/import-commands.js';
import { faultText } from './adapters/config/config-fault.js';
import { loadConfig } from './adapters/config/load-config.js';
import { importMosquitto, noteText } from './adapters/config/mosquitto/import-mosquitto.js';

/** What `surety import mosquitto` does; what it writes is looked at as a start would. */
export const importAction: ImportAction = (file, { out }) => {
  if (out !== undefined && existsSync(out))
    throw new Error(`${out} is there already: name another file with --out`);
  const { yaml, notes } = importMosquitto(file);
  const told = notes.map(noteText);
  if (out === undefined) return { text: yaml, notes: told };
  writeFileSync(out, yaml, { mode: 0o640 });
  const result = loadConfig({ file: out, env: {} });
  const faults = 'faults' in result ? result.faults.map(faultText) : [];
  return { text: `configuration written to ${out}\n`, notes: [...told, ...faults] };
};
