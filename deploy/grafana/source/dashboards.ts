import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

import type { BoardName } from './addresses.js';
import { type Board, dashboardOf } from './board.js';
import { delivery } from './delivery.js';
import { overview } from './overview.js';
import { runbooks } from './runbooks.js';
import { runtime } from './runtime.js';
import { security } from './security.js';
import { sessions } from './sessions.js';

const ALL: Readonly<Record<BoardName, Board>> = { overview, delivery, sessions, security, runtime, runbooks };

/** All dashboards, by the name of their file in deploy/grafana/dashboards. */
export function dashboards(): Readonly<Record<string, Dashboard>> {
  return Object.fromEntries(Object.entries(ALL).map(([name, board]) => [`${name}.json`, dashboardOf(board)]));
}
