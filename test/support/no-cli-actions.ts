import type { CliActions } from '../../src/adapters/cli/cli.js';

/** Fails what a test doesn't ask for. */
export const notAsked = (): Promise<never> => Promise.reject(new Error('not asked for'));
const never = (): never => {
  throw new Error('not asked for');
};

/** Actions of the command line that a test doesn't ask for; those that it does stand over them. */
export const NO_ACTIONS: CliActions = {
  version: '1.2.3',
  start: notAsked,
  migrate: notAsked,
  checkConfig: never,
  audit: { keygen: never, verify: notAsked, find: never, trail: never },
  backup: { backup: notAsked, restore: notAsked },
  importMosquitto: never,
  passwd: { set: notAsked, remove: notAsked },
  admin: {
    route: () => undefined,
    tokens: never,
    withStored: notAsked,
    explain: notAsked,
  },
};
