import type { MessageStory, ReceiverStory } from '../../domain/audit/message-story.js';

const HEAD = ['receiver', 'session', 'QoS', 'state', 'delivered', 'acknowledged', 'dropped', 'why'];

/** A message and its receivers, for people: a paragraph with a table. */
export function storyText(story: MessageStory): string {
  const { atMs, topic, refusal, receivers } = story;
  const lines = [`${timeText(atMs)}  ${shown(topic)}  ${whatText(story)}`, `  ${fromText(story)}`];
  if (refusal !== undefined) {
    const times = refusal.count === 1 ? '' : ` (${refusal.count} times)`;
    lines.push(`  refused: ${refusal.reason}${times}`);
  } else if (receivers.length === 0) lines.push('  nobody was subscribed');
  else lines.push(...table([HEAD, ...receivers.map(receiverCells)]).map((line) => `  ${line}`));
  return `${lines.join('\n')}\n\n`;
}

/** The same as a line of JSON. */
export function storyJson(story: MessageStory): string {
  const { atMs, topic, origin, publisher, qos, retain, bytes, sha256, refusal } = story;
  const receivers = story.receivers.map((receiver) => {
    const { clientId, session, qos: granted, state, reason } = receiver;
    return {
      ...{ clientId, session, qos: granted, state },
      deliveredAt: timeOf(receiver.deliveredAtMs),
      acknowledgedAt: timeOf(receiver.acknowledgedAtMs),
      droppedAt: timeOf(receiver.droppedAtMs),
      reason,
    };
  });
  const message = { qos, retain, bytes, sha256: sha256 && hexOf(sha256) };
  const line = { at: timeText(atMs), topic, origin, publisher, ...message, refusal, receivers };
  return `${JSON.stringify(line)}\n`;
}

function whatText({ qos, retain, bytes, sha256 }: MessageStory): string {
  if (sha256 === undefined) return '';
  return `QoS ${qos}${retain === true ? ', retained' : ''}, ${bytes} bytes, SHA-256 ${hexOf(sha256)}`;
}

function fromText({ origin, publisher }: MessageStory): string {
  if (origin === 'retained') return 'retained message, for a new subscription';
  const { clientId, principal, address, session } = publisher;
  const name = clientId ?? principal ?? 'an unknown client';
  const details = [
    origin === 'administrator' ? 'by the admin API' : undefined,
    principal === undefined || name === principal ? undefined : `as ${shown(principal)}`,
    address === undefined ? undefined : `from ${shown(address)}`,
    session === undefined ? undefined : `session ${shown(session)}`,
  ].filter((part) => part !== undefined);
  const what = origin === 'will' ? 'will of' : 'published by';
  return `${what} ${shown(name)}${details.length > 0 ? ` (${details.join(', ')})` : ''}`;
}

function receiverCells(receiver: ReceiverStory): string[] {
  const { clientId, session, qos, state, reason = '' } = receiver;
  const times = [receiver.deliveredAtMs, receiver.acknowledgedAtMs, receiver.droppedAtMs];
  return [
    shown(clientId),
    String(session),
    String(qos),
    state,
    ...times.map((ms) => timeOf(ms) ?? ''),
    reason,
  ];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** A name that clients chose must not move the cursor of who reads it. */
function shown(value: unknown): string {
  // eslint-disable-next-line no-control-regex
  return String(value).replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
}

/** As `sha256sum` shows it. */
function hexOf(base64url: string): string {
  return Buffer.from(base64url, 'base64url').toString('hex');
}

function timeOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : timeText(ms);
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
