/** Facility "log audit" (13), severity "notice" (5). */
const PRIORITY = 13 * 8 + 5;
const HOSTNAME_LENGTH_MAX = 255;

/** What a message says of itself. */
export interface SyslogHeader {
  readonly atMs: number;
  readonly hostname: string;
  readonly processId: number;
  /** The kind of message: letters, digits and the like. */
  readonly messageId: string;
}

/** A message as RFC 5424 has it, framed by its length in bytes [RFC 6587, 3.4.1] [RFC 5425, 4.3]. */
export function syslogFrame({ atMs, hostname, processId, messageId }: SyslogHeader, text: string): Buffer {
  const time = new Date(atMs).toISOString();
  const head = `<${PRIORITY}>1 ${time} ${printable(hostname)} surety ${processId} ${messageId} - `;
  const message = Buffer.from(head + text);
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}

/** Printable ASCII without spaces, or the sign for "none". */
function printable(name: string): string {
  const clean = name.replace(/[^\x21-\x7e]/g, '_').slice(0, HOSTNAME_LENGTH_MAX);
  return clean === '' ? '-' : clean;
}
