import { parseArgs } from 'node:util';
import { ATTACKS } from './attacks/attacks.js';

/** What a run of the hostile clients does. */
export interface HostileOptions {
  /** Seconds of each attack. */
  readonly seconds: number;
  /** Connections of the attacks that come by the thousand. */
  readonly clients: number;
  readonly attacks: readonly string[];
  /** The folder for a profile of the broker's thread during each attack; undefined to make none. */
  readonly profiles: string | undefined;
}

const LONG = { seconds: 15, clients: 5000 };
const SHORT = { seconds: 3, clients: 2000 };

/** @returns the options, or what is wrong with the arguments. */
export function parseHostileOptions(args: readonly string[]): HostileOptions | { readonly fault: string } {
  const options = {
    short: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    seconds: { type: 'string' },
    clients: { type: 'string' },
    profiles: { type: 'string' },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    const usual = values.short ? SHORT : LONG;
    return {
      seconds: positive('--seconds', values.seconds) ?? usual.seconds,
      clients: positive('--clients', values.clients) ?? usual.clients,
      attacks: known(values.only ?? Object.keys(ATTACKS)),
      profiles: values.profiles,
    };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${name} must be a whole number of 1 or more, not ${text}`);
  return Number(text);
}

function known(names: readonly string[]): readonly string[] {
  const strange = names.find((name) => !Object.hasOwn(ATTACKS, name));
  if (strange === undefined) return names;
  throw new Error(`there is no attack ${strange}: choose from ${Object.keys(ATTACKS).join(', ')}`);
}
