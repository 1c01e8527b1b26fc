import type { Authenticator } from '../../src/application/ports/authenticator.js';
import type { Clock } from '../../src/application/ports/clock.js';
import { MemoryWatch } from '../../src/application/memory-watch.js';
import type { MemoryGauge } from '../../src/application/ports/memory-reading.js';
import type { PolicySource } from '../../src/application/ports/policy-source.js';
import type { FaultPlace } from '../../src/adapters/config/config-fault.js';
import type { Config } from '../../src/adapters/config/config.js';
import { loadConfig } from '../../src/adapters/config/load-config.js';
import { createContainer, openServer } from '../../src/container.js';
import { Own, T } from '../../src/wiring/tokens.js';
import { blockingVerifier } from './blocking-verifier.js';
import { silentLogger, silentLogs } from './silent-logger.js';

type DeepPartial<V> = V extends readonly (infer Entry)[]
  ? readonly DeepPartial<Entry>[]
  : V extends object
    ? { [K in keyof V]?: DeepPartial<V[K]> }
    : V;

/** What a test changes about the broker that it starts. */
export interface StartOptions {
  readonly config?: DeepPartial<Config>;
  readonly authenticator?: Authenticator;
  readonly policies?: PolicySource;
  readonly clock?: Clock;
  /** In place of the memory of this process. */
  readonly memory?: MemoryGauge;
}

/** A broker in this process, with its state in memory, on a port of its own. */
export interface TestBroker {
  /** Of its first listener, at the moment. */
  readonly port: number;
  /** Where `/metrics` is; undefined unless the configuration enables it. */
  readonly metricsPort: number | undefined;
  /** Has the broker read a configuration with these changes to what it was started with, as at SIGHUP. */
  reload(changes: DeepPartial<Config>): Promise<void>;
  /** What was wrong with the last one. */
  faults(): readonly string[];
  /** What of it waits for a restart. */
  needRestart(): readonly string[];
  stop(): Promise<void>;
}

const placeOf = (): FaultPlace => ({ variable: 'the test' });

export async function startBroker(options: StartOptions = {}): Promise<TestBroker> {
  let config = testConfig(options.config ?? {});
  const container = createContainer(config, { file: undefined, load: () => ({ config, placeOf }) });
  container.rebind(T.logs).toConstantValue(silentLogs);
  container.rebind(T.passwordVerifier).toConstantValue(blockingVerifier);
  if (options.authenticator !== undefined)
    container.rebind(T.authenticator).toConstantValue(options.authenticator);
  if (options.policies !== undefined) container.rebind(T.policies).toConstantValue(options.policies);
  if (options.clock !== undefined) container.rebind(T.clock).toConstantValue(options.clock);
  if (options.memory !== undefined)
    container.rebind(Own.memory).toConstantValue(new MemoryWatch(options.memory, silentLogger));
  const server = await openServer(container);
  await server.start();
  const monitoring = container.get(Own.monitoring);
  return {
    get port() {
      return server.port;
    },
    get metricsPort() {
      return monitoring.metricsPort;
    },
    reload: (changes) => {
      config = testConfig(merge(options.config ?? {}, changes) as DeepPartial<Config>);
      return server.reload();
    },
    faults: () => container.get(Own.configurationReading).faults,
    needRestart: () => container.get(Own.configurationReading).needRestart,
    stop: () => server.stop(500),
  };
}

function testConfig(changes: DeepPartial<Config>): Config {
  const result = loadConfig({ env: {} });
  if ('faults' in result) throw new Error('the defaults are faulty');
  const admin = { ...result.config.admin, enabled: false };
  const [listener] = result.config.listeners;
  const listeners = (changes.listeners ?? [{}]).map((each) => merge({ ...listener, port: 0 }, each));
  return merge({ ...result.config, admin, persistence: 'memory' }, { ...changes, listeners }) as Config;
}

function merge(base: unknown, changes: unknown): unknown {
  if (!isRecord(base) || !isRecord(changes)) return changes === undefined ? base : changes;
  const keys = new Set([...Object.keys(base), ...Object.keys(changes)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(base[key], changes[key])]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
