import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { BrokerUnderTest } from '../crash/broker-under-test.js';
import type { CanaryReport } from './canary.js';
import { Child } from './child.js';
import type { HostileOptions } from './hostile-options.js';
import { type MemoryLevel, BrokerProbe } from './broker-probe.js';
import type { Target } from './peer.js';

/** What the canary's round trip has to keep at its 99th percentile, in milliseconds. */
const P99_MS_MAX = 200;
/** What memory may be over its level before the first attack: what grows once and is kept, such as caches. Bytes. */
const LEVEL_SLACK_BYTES = 32 * 1024 * 1024;
/** How long memory may take to return to its level, in milliseconds. */
const RETURN_MS_MAX = 30_000;
/** What the canary needs to come to rest after an attack, in milliseconds. */
const REST_MS = 500;
/** How much of an attack the broker has to have waited for a core, so that a slow canary may be the machine's doing. */
const WAITED_SHARE_MIN = 0.1;
const ATTEMPTS_MAX = 3;
const WARM_UP = { attack: 'reconnect-storm', seconds: 1 };

/** What an attack is made on. */
interface Scene {
  readonly target: Target;
  readonly probe: BrokerProbe;
  readonly canary: Child;
  /** What memory has to return to. */
  readonly level: MemoryLevel;
}

/** What an attack has done. */
interface Outcome {
  /** What was slow, which may be the machine's doing. */
  readonly slow: readonly string[];
  readonly faults: readonly string[];
  /** How much of the time the broker waited for a core. */
  readonly waitedShare: number;
}

/** Makes one attack after another on a broker that also serves a canary, and looks at what each does to it. */
export class HostileRun {
  private readonly children: Child[] = [];

  constructor(
    private readonly options: HostileOptions,
    private readonly broker: BrokerUnderTest,
    private readonly root: string,
  ) {}

  /** @returns whether the broker has withstood all attacks. */
  async run(): Promise<boolean> {
    const port = await this.broker.start();
    const probe = await BrokerProbe.attach(this.broker.log);
    const canary = this.spawn('canary', String(port));
    await canary.message();
    const target = this.target(port);
    await this.attack(WARM_UP.attack, { ...target, seconds: WARM_UP.seconds });
    await pause(REST_MS);
    const level = await probe.read();
    await pause(REST_MS);
    console.log(
      `level of memory: ${megabytes(level.live)} MB live, ${megabytes(level.resident)} MB resident; ` +
        `attacks of ${target.seconds} s, ${target.clients} clients`,
    );
    await canary.ask();
    await pause(1000);
    this.print('(none)', (await canary.ask()) as CanaryReport, 'a quiet second');
    let isWell = true;
    for (const name of this.options.attacks)
      isWell = (await this.isWithstood(name, { target, probe, canary, level })) && isWell;
    probe.close();
    const code = await this.broker.stop();
    if (code !== 0)
      console.log(`FAILED: the broker stopped with exit code ${code}\n${this.broker.log.slice(-3000)}`);
    console.log(isWell && code === 0 ? 'withstood all attacks' : 'FAILED');
    return isWell && code === 0;
  }

  /** Makes an attack; where others had the cores, what the canary measured tells little, and it is made again. */
  private async isWithstood(name: string, scene: Scene): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      const { slow, faults, waitedShare } = await this.make(name, scene);
      for (const fault of [...slow, ...faults]) console.log(`    FAILED: ${fault}`);
      if (slow.length + faults.length === 0) return true;
      if (faults.length > 0 || waitedShare < WAITED_SHARE_MIN || attempt === ATTEMPTS_MAX) return false;
      console.log('    others had the cores: once more');
    }
  }

  private async make(name: string, { target, probe, canary, level }: Scene): Promise<Outcome> {
    const [beganMs, waitedMs] = [performance.now(), coreWaitMs(this.broker.pid)];
    const done = await this.profiled(probe, name, () => this.attack(name, target));
    await pause(REST_MS);
    const report = (await canary.ask()) as CanaryReport;
    this.print(name, report, done);
    const forCoreMs = coreWaitMs(this.broker.pid) - waitedMs;
    const waitedShare = forCoreMs / (performance.now() - beganMs);
    const after = await this.returned(probe, level);
    console.log(
      `    after: ${megabytes(after.live)} MB live, ${megabytes(after.resident)} MB resident; the broker waited ${forCoreMs.toFixed(0)} ms for a core`,
    );
    // The measuring itself holds the broker up.
    await pause(REST_MS);
    await canary.ask();
    const faults = [...canaryFaults(report), ...memoryFaults(after, level)];
    return { slow: slowness(report), faults, waitedShare };
  }

  killAll(): void {
    for (const child of this.children) child.kill();
  }

  private target(port: number): Target {
    const webSocketPort = Number(/ws:\/\/127\.0\.0\.1:(\d+)/.exec(this.broker.output)?.[1]);
    const { seconds, clients } = this.options;
    return { port, webSocketPort, seconds, clients };
  }

  private async attack(name: string, target: Target): Promise<string> {
    return String(await this.spawn(name, JSON.stringify(target)).message());
  }

  /** Profiling slows the broker down: figures that were measured with it don't count. */
  private async profiled(probe: BrokerProbe, name: string, attack: () => Promise<string>): Promise<string> {
    const { profiles } = this.options;
    if (profiles === undefined) return attack();
    await probe.beginProfile();
    const done = await attack();
    await probe.endProfile(join(profiles, `${name}.cpuprofile`));
    return done;
  }

  private spawn(...args: readonly string[]): Child {
    const child = new Child(this.root, args);
    this.children.push(child);
    return child;
  }

  private async returned(probe: BrokerProbe, level: MemoryLevel): Promise<MemoryLevel> {
    const deadline = performance.now() + RETURN_MS_MAX;
    for (;;) {
      const now = await probe.read();
      if (memoryFaults(now, level).length === 0 || performance.now() > deadline) return now;
      await pause(REST_MS);
    }
  }

  private print(
    name: string,
    { count, p50Ms, p99Ms, maxMs, ackP99Ms, ownDelayMs }: CanaryReport,
    done: string,
  ): void {
    const figures = [p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(1).padStart(7)).join(' ');
    console.log(
      `${name.padEnd(18)} canary p50 p99 max ms ${figures}  (${count} trips, acknowledged p99 ${ackP99Ms.toFixed(1)} ms, its own delay p99 ${ownDelayMs.toFixed(1)} ms); ${done}`,
    );
  }
}

function canaryFaults({ count, isConnected, waiting }: CanaryReport): string[] {
  const faults = [];
  if (!isConnected) faults.push('the canary has lost its connection');
  if (count === 0) faults.push('none of the canary’s messages has come back');
  if (waiting > 10) faults.push(`${waiting} of the canary’s messages have not come back`);
  return faults;
}

function slowness({ p99Ms }: CanaryReport): string[] {
  return p99Ms > P99_MS_MAX ? [`the canary’s p99 is over ${P99_MS_MAX} ms`] : [];
}

function memoryFaults(now: MemoryLevel, level: MemoryLevel): string[] {
  const over = now.live - level.live;
  return over > LEVEL_SLACK_BYTES ? [`memory stays ${megabytes(over)} MB over its level`] : [];
}

/** How long the broker's thread was ready to run and others had the cores, in milliseconds since its start. */
function coreWaitMs(pid: number): number {
  const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
  return Number(waitedNs) / 1e6;
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(0);
}
