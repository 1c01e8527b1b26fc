import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Short files that settings name, such as one with a password; what they say can be read anew. */
export class FileTexts<Name extends string> {
  readonly files: readonly string[];
  private texts: ReadonlyMap<Name, string>;

  /** @param named Undefined where there is no such file. @throws Error when one can't be read. */
  constructor(private readonly named: Readonly<Record<Name, string | undefined>>) {
    this.files = this.paths().map(([, file]) => file);
    this.texts = this.read();
  }

  /** What the file says; undefined where there is none. */
  get(name: Name): string | undefined {
    return this.texts.get(name);
  }

  /** Reads all of them. @returns whether one says something else. @throws Error when one can't be read: then all stays. */
  reload(): boolean {
    const texts = this.read();
    const isChanged = [...texts].some(([name, text]) => text !== this.texts.get(name));
    this.texts = texts;
    return isChanged;
  }

  private read(): ReadonlyMap<Name, string> {
    return new Map(this.paths().map(([name, file]) => [name, readFileSync(file, 'utf8')]));
  }

  private paths(): readonly (readonly [Name, string])[] {
    const entries = Object.entries(this.named) as [Name, string | undefined][];
    return entries.flatMap(([name, file]) => (file === undefined ? [] : [[name, resolve(file)] as const]));
  }
}
