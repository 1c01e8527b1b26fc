/** What a checkpoint file holds. */
export interface CheckpointLines {
  /** For messages: the file's name. */
  readonly description: string;
  /** Its lines, from the first; empty ones are left out. @throws Error when it can't be read. */
  lines(): AsyncIterable<{ readonly number: number; readonly text: string }>;
}
