import type { PacketTrace, TracedClients, TraceFields } from '../../src/application/ports/client-traces.js';

/** Traces that tests switch on and off; what is written down is kept as lines. */
export class FakeTraces implements TracedClients {
  readonly lines: string[] = [];
  private readonly traced = new Map<string, PacketTrace>();
  private readonly listeners: ((clientId: string) => void)[] = [];

  switchOn(clientId: string, payloads = false): void {
    const write = (what: string, fields: TraceFields = {}) =>
      void this.lines.push(`${what} ${JSON.stringify(fields)}`);
    this.traced.set(clientId, {
      payloads,
      packet: (direction, packet, fields) => write(`${direction} ${packet}`, fields),
      event: write,
    });
    this.changed(clientId);
  }

  switchOff(clientId: string): void {
    this.traced.delete(clientId);
    this.changed(clientId);
  }

  /** What was written down since the last call, without the fields. */
  takeNames(): string[] {
    return this.lines.splice(0).map((line) => line.slice(0, line.indexOf(' {')));
  }

  find(clientId: string): PacketTrace | undefined {
    return this.traced.get(clientId);
  }

  onChange(listener: (clientId: string) => void): void {
    this.listeners.push(listener);
  }

  private changed(clientId: string): void {
    for (const listener of this.listeners) listener(clientId);
  }
}
