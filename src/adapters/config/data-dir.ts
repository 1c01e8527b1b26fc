import { readEnvironment } from './config-environment.js';
import { readConfigFile, readTopLevel } from './config-file.js';
import { configKeys } from './config-keys.js';
import { type ConfigSources, defaultConfig } from './load-config.js';

/**
 * The `dataDir` of a configuration that may be faulty, for commands which need no more of it to find the broker that
 * runs by an earlier one; undefined where that can't be told.
 */
export function dataDirOf({ file, env }: ConfigSources): string | undefined {
  const set = readEnvironment(env, configKeys().keys).tree['dataDir'];
  const value = set ?? (file === undefined ? undefined : readTopLevel(file, 'dataDir'));
  // Where YAML ends too early, it may have been said behind that.
  const isUnsaid = value === undefined && (file === undefined || readConfigFile(file).tree !== undefined);
  if (isUnsaid) return defaultConfig().dataDir;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
