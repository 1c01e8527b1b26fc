import type { ConfigFault, FaultPlace } from './adapters/config/config-fault.js';
import type { Config } from './adapters/config/config.js';
import { shownPath } from './adapters/config/schema-faults.js';
import type { SettingFault } from './application/ports/setting-fault.js';

/** Looks at what settings name, and reads it as the broker would: for files, not for networks. Changes nothing. */
export type PreflightCheck = (config: Config) => readonly SettingFault[] | Promise<readonly SettingFault[]>;

/** What is looked at before a start, and by `surety config check`. */
const CHECKS: readonly PreflightCheck[] = [];

/**
 * Whether the broker could start with this configuration, as far as that can be told without starting it.
 * @param placeOf Where a setting was made.
 * @returns all faults of all checks.
 */
export async function preflight(
  config: Config,
  placeOf: (path: readonly PropertyKey[]) => FaultPlace,
): Promise<ConfigFault[]> {
  const faults = await Promise.all(CHECKS.map((check) => check(config)));
  return faults.flat().map(({ path, problem, action }) => ({
    place: placeOf(path),
    problem: `${shownPath(path)}: ${problem}`,
    action,
  }));
}
