import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokenCopy } from './broken-copy.js';
import { BrokerUnderTest } from './broker-under-test.js';
import { type CrashOptions, parseCrashOptions } from './crash-options.js';
import { Era } from './era.js';
import { Random } from './random.js';
import { Round, type RoundResult } from './round.js';

/** Rounds that the same clients and their sessions go through. */
const ERA_ROUNDS = 5;
/** Messages that each stream publishes in a round at most. */
const MESSAGES_MAX = 15_000;
/** Finds of a round that are printed. */
const FINDS_MAX = 30;
/** Offline listeners wait out whole rounds: their queues must never be the reason for a loss. */
const LIMITS = { SURETY_LIMITS_QUEUE_MESSAGES_MAX: '10000000', SURETY_LIMITS_QUEUE_BYTES_MAX: '4000000000' };

/** Runs the crash test. @param root The project's folder. @returns the exit code. */
export async function main(args: readonly string[], root: string): Promise<number> {
  const options = parseCrashOptions(args);
  if ('fault' in options) {
    console.error(options.fault);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'surety-crash-'));
  const product = options.broken === undefined ? root : join(folder, 'product');
  const broker = new BrokerUnderTest(product, folder, { ...LIMITS, ...options.env });
  const endAll = (): void => {
    broker.killAll();
    if (!options.keep) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const endEarly = (): void => process.exit(1);
  process.on('exit', endAll).on('SIGTERM', endEarly).on('SIGINT', endEarly);
  try {
    if (options.broken !== undefined) brokenCopy(root, product, options.broken);
    return await new CrashRun(options, broker).run();
  } catch (error) {
    console.error(error, `\nthe broker's log ends with\n${broker.log.slice(-5000)}`);
    return 1;
  } finally {
    endAll();
    process.off('exit', endAll).off('SIGTERM', endEarly).off('SIGINT', endEarly);
    if (options.keep) console.log(`the data is kept in ${folder}`);
  }
}

class CrashRun {
  private readonly random: Random;
  private readonly totals = { acked: 0, delivered: 0, lost: 0, duplicatedQos2: 0, reordered: 0 };
  private hasFailed = false;
  private era: Era | undefined;

  constructor(
    private readonly options: CrashOptions,
    private readonly broker: BrokerUnderTest,
  ) {
    this.random = new Random(options.seed);
  }

  async run(): Promise<number> {
    const { options, broker, totals } = this;
    console.log(`seed ${options.seed}, ${options.rounds} rounds, window ${options.window}`);
    await broker.start();
    for (let number = 1; number <= options.rounds; number++) {
      const result = await this.round(number);
      if (this.hasFailed && options.broken !== undefined) break;
      if (isFailed(result) || number % ERA_ROUNDS === 0) await this.endEra();
    }
    await this.endEra();
    await this.stop();
    const { acked, delivered, lost, duplicatedQos2, reordered } = totals;
    console.log(
      `acked=${acked} delivered=${delivered} lost=${lost} duplicated_qos2=${duplicatedQos2} reordered=${reordered}`,
    );
    return this.hasFailed ? 1 : 0;
  }

  private async round(number: number): Promise<RoundResult> {
    const { broker, options, random, totals } = this;
    const fault = random.pick(options.faults);
    const beganMs = performance.now();
    const era = (this.era ??= await this.openEra(number));
    const result = await new Round({ number, era, broker, random, fault, messagesMax: MESSAGES_MAX }).run();
    totals.acked += result.acked;
    totals.delivered += result.delivered;
    totals.lost += result.lost;
    totals.duplicatedQos2 += result.duplicatedQos2;
    totals.reordered += result.reordered;
    if (isFailed(result)) this.hasFailed = true;
    const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
    console.log(
      `round ${number}/${options.rounds} ${fault}: acked ${result.acked}, delivered ${result.delivered}, ` +
        `${seconds(result.recoveryMs)} after the fault, ${seconds(performance.now() - beganMs)}${isFailed(result) ? ' FAILED' : ''}`,
    );
    for (const find of result.finds.slice(0, FINDS_MAX)) console.log(`  ${find}`);
    if (result.finds.length > FINDS_MAX) console.log(`  and ${result.finds.length - FINDS_MAX} more`);
    if (isFailed(result) && options.broken === undefined) console.log(indented(broker.log.slice(-3000)));
    broker.log = '';
    return result;
  }

  private async openEra(number: number): Promise<Era> {
    const { broker, options, random } = this;
    const surroundings = { port: broker.port, violations: [] };
    const era = new Era(`r${number}`, surroundings, { window: options.window, random });
    await era.open();
    return era;
  }

  private async endEra(): Promise<void> {
    await this.era?.close();
    this.era = undefined;
  }

  private async stop(): Promise<void> {
    if (this.options.broken !== undefined) return;
    const code = await this.broker.stop();
    if (code === 0) return;
    this.hasFailed = true;
    console.log(`the broker stopped with exit code ${code}\n${indented(this.broker.log.slice(-3000))}`);
  }
}

function isFailed({ lost, duplicatedQos2, reordered, finds }: RoundResult): boolean {
  return lost + duplicatedQos2 + reordered + finds.length > 0;
}

function indented(text: string): string {
  return text.replace(/^/gm, '  | ');
}
