/** Work that may take long, done a step at a time by whoever asks for it: others get their turn between two steps. */
export type Steps = Iterator<undefined, void>;

/** Does the first step at once. @returns what is left to do; undefined if that was all. */
export function begin(steps: Steps): Steps | undefined {
  return steps.next().done === true ? undefined : steps;
}
