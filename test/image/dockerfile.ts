/** An instruction of a Dockerfile: its keyword, and the rest as one line. */
export interface Instruction {
  readonly keyword: string;
  readonly rest: string;
}

/** Reads a Dockerfile. Comments are left out, and lines that go on are joined. */
export function instructionsOf(dockerfile: string): Instruction[] {
  return dockerfile
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, keyword = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
      return { keyword, rest };
    });
}

/** What a Dockerfile says to do, as calls of the functions in play.sh; and what a container of it runs. */
export interface Play {
  readonly steps: readonly string[];
  readonly entry: readonly string[];
  readonly command: readonly string[];
  readonly health: readonly string[];
}

/**
 * Translates the instructions that our Dockerfile uses.
 * @throws Error for any other, so that none is passed over.
 */
export function playOf(instructions: readonly Instruction[]): Play {
  const steps: string[] = [];
  const exec: Record<string, readonly string[]> = {};
  for (const { keyword, rest } of instructions) {
    if (['ARG', 'LABEL', 'EXPOSE', 'STOPSIGNAL'].includes(keyword)) continue;
    if (['ENTRYPOINT', 'CMD'].includes(keyword)) exec[keyword] = JSON.parse(rest) as string[];
    else if (keyword === 'HEALTHCHECK') exec[keyword] = JSON.parse(rest.replace(/^.* CMD /, '')) as string[];
    else steps.push(stepOf(keyword, rest));
  }
  const { ENTRYPOINT: entry = [], CMD: command = [], HEALTHCHECK: health = [] } = exec;
  return { steps, entry, command, health };
}

function stepOf(keyword: string, rest: string): string {
  switch (keyword) {
    case 'FROM':
      return call('stage', / AS (\S+)$/.exec(rest)?.[1] ?? 'final');
    case 'COPY': {
      const [, stage = '', paths = ''] = /^(?:--from=(\S+) )?(.*)$/.exec(rest) ?? [];
      return call('copy', stage, ...paths.split(' '));
    }
    case 'RUN':
      return call('run', rest);
    case 'ENV':
      return call('environment', ...rest.split(/\s+/));
    case 'WORKDIR':
    case 'USER':
    case 'VOLUME':
      return call(keyword.toLowerCase(), rest);
    default:
      throw new Error(`the Dockerfile has an instruction that the test doesn't know: ${keyword}`);
  }
}

/** A call that a shell takes word for word. */
export function call(...words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
