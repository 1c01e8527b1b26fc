import type { BenchOptions } from './bench-options.js';
import type { Plan } from './plan.js';
import { OTHER_CPU_MAX } from './quiet-machine.js';
import { headerText } from './report.js';
import { contextOf } from './run-plan.js';
import {
  DIFFERENCE_MAX,
  isApart,
  otherLoadProgram,
  selfCheck,
  selfCheckText,
  takesFlags,
} from './self-check.js';
import type { Stage } from './stage.js';

const RELAY_REMARK =
  '\nThe relay forwards bytes and does nothing else: its rows are what the load generator can measure.';

/**
 * Shows that the load generator isn't what limits the figures. Rates that are held say nothing about what the generator
 * can do, so only open loads are checked.
 */
export const selfCheckCommand =
  (options: BenchOptions, plan: Plan) =>
  async (stage: Stage): Promise<number> => {
    const { print } = stage;
    const context = contextOf(plan, stage);
    print(headerText(stage.machine, plan.versions, plan.suite.isPinned ? stage.pinning : undefined));
    const open = plan.scenarios.filter(
      (one) => one.load['rate'] === undefined && one.procedures === undefined,
    );
    const other =
      options.mqload === undefined ? undefined : otherLoadProgram(options.mqload, context.directory);
    const scenarios = other === undefined ? open : open.filter(({ load }) => takesFlags(load));
    const rows = await selfCheck({ scenarios, peers: plan.peers, rounds: plan.rounds }, other, context);
    print(`\n${selfCheckText(rows)}`);
    if (rows.some((row) => row.peer === 'relay')) print(RELAY_REMARK);
    const apart = rows.filter(isApart);
    for (const { scenario, peer, own } of apart) {
      const other = own['other_cpu'] ?? 0;
      const why = other > OTHER_CPU_MAX ? `; other work used ${other.toFixed(2)} CPU, so it may be that` : '';
      print(`APART by more than ${DIFFERENCE_MAX * 100} %: ${scenario}, ${peer}${why}`);
    }
    const failed = rows.filter((row) => row.own['delivered_per_s'] === undefined);
    return apart.length + failed.length > 0 ? 1 : 0;
  };
