import { BOARDS } from './addresses.js';
import type { Board } from './board.js';
import { note } from './panels.js';
import { RUNBOOKS } from './runbook-texts.js';

/** Markdown lines that fit in one of Grafana's rows of panels, about. */
const CHARACTERS_PER_ROW = 180;

/** What to do about each alert, where it is needed: at the dashboards that it shows on. */
export const runbooks: Board = {
  uid: BOARDS.runbooks,
  title: 'runbooks',
  about: 'What to do about each alert: docs/runbooks.md of the broker.',
  rows: {
    'What to do about each alert': RUNBOOKS.map(({ title, text }) =>
      note(title, text, 3 + Math.ceil(text.length / CHARACTERS_PER_ROW)),
    ),
  },
};
