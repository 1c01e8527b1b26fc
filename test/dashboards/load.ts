import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';

/** The clients that a busy broker has: some that do well, and some that don't. */
export const USER = 'load';
export const PASSWORD = 'geheim';
/** What {@link USER} may do. */
export const ACL = `user ${USER}\ntopic readwrite load/#\ntopic read #\n`;

/** How often each of them does something, in milliseconds. */
const PUBLISH_MS = 20;
const VISIT_MS = 300;
const REFUSAL_MS = 400;

/** Clients of every kind that dashboards tell of, which go on until they are stopped. */
export class Load {
  private readonly clients: MqttClient[] = [];
  private readonly timers: NodeJS.Timeout[] = [];
  private sent = 0;

  private constructor(private readonly url: string) {}

  static async start(port: number): Promise<Load> {
    const load = new Load(`mqtt://127.0.0.1:${port}`);
    await load.begin();
    return load;
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all(this.clients.map((client) => client.endAsync(true)));
  }

  private async begin(): Promise<void> {
    const publisher = await this.connect({ clientId: 'publisher' });
    await publisher.publishAsync('load/kept', 'retained', { qos: 1, retain: true });
    await this.leaveSession('absent');
    const reader = await this.connect({ clientId: 'reader', clean: false });
    await reader.subscribeAsync({ 'load/#': { qos: 2 }, '#': { qos: 0 } });
    await this.leaveWill();
    this.every(PUBLISH_MS, () => this.publish(publisher));
    this.every(VISIT_MS, () => void this.visit());
    this.every(REFUSAL_MS, () => this.beRefused(publisher));
  }

  /** At each QoS in turn, and now and then what it may not. */
  private publish(publisher: MqttClient): void {
    const number = this.sent++;
    publisher.publish('load/a', 'x'.repeat(100), { qos: (number % 3) as 0 | 1 | 2 });
    if (number % 20 === 0) publisher.publish('forbidden/a', 'x', { qos: 1 });
  }

  /** A client that comes back to what waits for it, and goes again. */
  private async visit(): Promise<void> {
    const client = this.open({ clientId: `visitor-${this.sent % 2}`, clean: false });
    client.once('connect', () => client.subscribe('load/#', { qos: 1 }));
    await new Promise((resolve) => setTimeout(resolve, VISIT_MS / 2));
    await client.endAsync();
    this.clients.splice(this.clients.indexOf(client), 1);
  }

  /** Wrong passwords, until the broker has enough of them, and a subscription that isn't let be. */
  private beRefused(publisher: MqttClient): void {
    const guesser = this.open({ clientId: 'guesser', password: 'wrong' });
    guesser.once('close', () => guesser.end(true));
    publisher.subscribe('$SYS/#', { qos: 0 }, () => undefined);
  }

  private async leaveSession(clientId: string): Promise<void> {
    const client = await this.connect({ clientId, clean: false });
    await client.subscribeAsync('load/#', { qos: 1 });
    await client.endAsync();
  }

  private async leaveWill(): Promise<void> {
    const will = { topic: 'load/will', payload: Buffer.from('gone'), qos: 1, retain: false } as const;
    const client = await this.connect({ clientId: 'mortal', will });
    const closed = new Promise<void>((resolve) => client.once('close', resolve));
    client.stream.destroy();
    await closed;
  }

  private async connect(options: IClientOptions): Promise<MqttClient> {
    const client = this.open(options);
    await new Promise((resolve) => client.once('connect', resolve));
    return client;
  }

  private open(options: IClientOptions): MqttClient {
    const settings = { username: USER, password: PASSWORD, reconnectPeriod: 0, protocolVersion: 4 } as const;
    const client = mqtt.connect(this.url, { ...settings, ...options });
    // Refusals are what is wanted of some.
    client.on('error', () => undefined);
    this.clients.push(client);
    return client;
  }

  private every(ms: number, act: () => void): void {
    this.timers.push(setInterval(act, ms));
  }
}
