import type { RecordPlace, TrailReport } from '../../domain/audit/trail-report.js';

/** The outcome of a verification for people. */
export function reportLines(report: TrailReport): string {
  const { fault, tornLines, checkpointsBefore } = report;
  const lines = [
    fault === undefined ? 'the audit trail is as it was written' : fault.message,
    rangeLine(report),
    `${count(report.checkpoints, 'checkpoint')} checked${proofOf(report)}`,
  ];
  if (checkpointsBefore > 0)
    lines.push(`${count(checkpointsBefore, 'checkpoint')} about records that were dropped`);
  if (tornLines > 0) {
    lines.push(
      `${count(tornLines, 'line')} of the checkpoint file can't be read, as when a write was broken off`,
    );
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** The outcome of a verification for programs. */
export function reportJson(report: TrailReport): string {
  const { fault, first, last, provenThrough, ...counts } = report;
  const place = (record: RecordPlace | undefined) =>
    record && { sequence: record.sequence, at: timeText(record.atMs) };
  return `${JSON.stringify({
    intact: fault === undefined,
    fault: fault ?? null,
    first: place(first) ?? null,
    last: place(last) ?? null,
    ...counts,
    provenThrough,
    unproven: unprovenOf(report),
  })}\n`;
}

function rangeLine({ records, first, last }: TrailReport): string {
  if (first === undefined || last === undefined) return 'no records checked';
  const range = `${first.sequence} (${timeText(first.atMs)}) to ${last.sequence} (${timeText(last.atMs)})`;
  return `${count(records, 'record')} checked: ${range}`;
}

function proofOf(report: TrailReport): string {
  const unproven = unprovenOf(report);
  if (report.fault !== undefined || report.last === undefined) return '';
  if (unproven === 0) return `: they vouch for every record`;
  const those = report.provenThrough === 0 ? 'no record' : `the records to ${report.provenThrough}`;
  return `: they vouch for ${those}; ${count(unproven, 'record')} after that could be replaced unseen until the next checkpoint`;
}

function unprovenOf({ last, first, provenThrough }: TrailReport): number {
  if (last === undefined || first === undefined) return 0;
  return last.sequence - Math.max(provenThrough, first.sequence - 1);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function timeText(atMs: number): string {
  return new Date(atMs).toISOString();
}
