import type { MosquittoLine } from './mosquitto-lines.js';

/** Something that a translation could not take over as it was. */
export interface ImportNote {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** What comes of a mosquitto.conf, while it is being translated. */
export class Translation {
  readonly notes: ImportNote[] = [];

  /** Says of a line what is lost, or other than before. */
  note({ file, line, name }: MosquittoLine, text: string): void {
    this.notes.push({ file, line, text: `${name}: ${text}` });
  }
}
