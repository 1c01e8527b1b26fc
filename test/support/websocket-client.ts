import { WebSocket } from 'ws';

/** How a WebSocket client asks for the upgrade. */
export interface WebSocketRequest {
  readonly path?: string;
  readonly offered?: readonly string[];
}

/** A WebSocket connection that MQTT bytes are sent by and read from. */
export class WebSocketClient {
  readonly frameKinds: ('binary' | 'text')[] = [];
  private bytes = Buffer.alloc(0);
  private closeCode: number | undefined;
  private wake: () => void = () => undefined;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer, isBinary) => {
      this.frameKinds.push(isBinary ? 'binary' : 'text');
      this.bytes = Buffer.concat([this.bytes, data]);
      this.wake();
    });
    socket.on('close', (code) => {
      this.closeCode = code;
      this.wake();
    });
  }

  /** @throws Error with the HTTP status when the upgrade is refused. */
  static async open(
    port: number,
    { path = '/mqtt', offered = ['mqtt'] }: WebSocketRequest = {},
  ): Promise<WebSocketClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, [...offered]);
    const client = new WebSocketClient(socket);
    await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return client;
  }

  /** The subprotocol that the server has chosen. */
  get protocol(): string {
    return this.socket.protocol;
  }

  /** Sends a binary frame. */
  send(bytes: Uint8Array): void {
    this.socket.send(bytes);
  }

  sendText(text: string): void {
    this.socket.send(text);
  }

  /** Waits for so many bytes, and takes them. */
  async take(length: number): Promise<Buffer> {
    while (this.bytes.length < length && this.closeCode === undefined) await this.change();
    const taken = this.bytes.subarray(0, length);
    this.bytes = this.bytes.subarray(length);
    return taken;
  }

  /** Waits for the end. @returns its close code. */
  async closed(): Promise<number> {
    while (this.closeCode === undefined) await this.change();
    return this.closeCode;
  }

  destroy(): void {
    this.socket.terminate();
  }

  private change(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }
}
