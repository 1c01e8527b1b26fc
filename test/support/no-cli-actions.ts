import type { CliActions } from '../../src/adapters/cli/cli.js';

const notAsked = (): Promise<never> => Promise.reject(new Error('not asked for'));

/** Actions of the command line that a test doesn't ask for. */
export const NO_ADMIN_ACTIONS: Pick<CliActions, 'passwd' | 'users' | 'bans' | 'backup' | 'importMosquitto'> =
  {
    passwd: { set: notAsked, remove: notAsked },
    users: { add: notAsked, setPassword: notAsked, setDisabled: notAsked, remove: notAsked, list: notAsked },
    backup: { backup: notAsked, restore: notAsked },
    importMosquitto: () => ({ text: '', notes: [] }),
    bans: { add: notAsked, remove: notAsked, list: notAsked },
  };
