import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Config } from '../../src/adapters/config/config.js';
import { type AddressServer, ReplaceableServer } from '../../src/replaceable-server.js';
import { silentLogger } from '../support/silent-logger.js';

let steps: string[];
let faults: Set<string>;
let places: ReplaceableServer<AddressServer & { readonly name: string }>;

/** A configuration as far as it matters here. */
const naming = (name: string | undefined) => ({ name }) as unknown as Config;
const server = (name: string) => ({
  name,
  start: async () => {
    steps.push(`${name} starts`);
    if (faults.has(name)) throw new Error(`${name} is taken`);
  },
  stop: async () => void steps.push(`${name} stops`),
});

beforeEach(async () => {
  [steps, faults] = [[], new Set()];
  places = new ReplaceableServer(naming('old'), {
    keys: ['name'],
    make: (config) => {
      const { name } = config as unknown as { name: string | undefined };
      return name === undefined ? undefined : server(name);
    },
    logger: silentLogger,
  });
  await places.start();
  steps = [];
});

describe('a server in place of another', () => {
  test('starts when that has stopped', async () => {
    (await places.prepare(naming('new'))).apply();
    expect(steps).toEqual(['old stops', 'new starts']);
    await places.stop();
    expect([steps.at(-1), places.current?.name]).toEqual(['new stops', 'new']);
  });

  test('that can not be started leaves the one before, which is started again', async () => {
    faults.add('new');
    await expect(places.prepare(naming('new'))).rejects.toThrow('new is taken');
    expect(steps).toEqual(['old stops', 'new starts', 'new stops', 'old starts']);
    expect(places.current?.name).toBe('old');
  });

  test('that is not wanted after all goes, and the one before is started again', async () => {
    (await places.prepare(naming('new'))).discard?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(steps).toEqual(['old stops', 'new starts', 'new stops', 'old starts']);
    expect(places.current?.name).toBe('old');
  });

  test('may be none, and come back', async () => {
    (await places.prepare(naming(undefined))).apply();
    await places.stop();
    expect([steps, places.current]).toEqual([['old stops'], undefined]);
    (await places.prepare(naming('old'))).apply();
    expect(steps).toEqual(['old stops', 'old starts']);
  });
});
