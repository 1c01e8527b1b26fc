import { Publication } from '../publication.js';

/** A publication that somebody waits for who isn't a client: it is committed whether or not it is owed to anybody. */
export class AwaitedPublication extends Publication {
  /** Resolves when it is durable. */
  readonly durable: Promise<void>;
  private tellDurable: () => void = () => undefined;

  constructor(bytes: number) {
    super(bytes);
    this.durable = new Promise((resolve) => (this.tellDurable = resolve));
  }

  override get isUrgent(): boolean {
    return true;
  }

  override get isObsolete(): boolean {
    return false;
  }

  override committed(): void {
    super.committed();
    this.tellDurable();
  }
}
