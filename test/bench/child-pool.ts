import { Child, type ChildSpec } from './child.js';

/** Starts child processes and knows those that still run, so that none outlives the benchmark. */
export class ChildPool {
  private readonly running = new Set<Child>();

  /** Starts a child that the pool ends if nobody else does. */
  start(spec: ChildSpec): Child {
    const child = new Child(spec);
    this.running.add(child);
    void child.ended.then(() => this.running.delete(child));
    return child;
  }

  /** Ends all that still run, orderly first. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.running].map((child) => child.stop()));
  }

  /** Ends all that still run, at once; for the last moment of this process. */
  killAll(): void {
    for (const child of this.running) child.kill();
  }
}
