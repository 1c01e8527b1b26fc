import type { AdminActions } from '../../src/adapters/cli/admin/admin-actions.js';

/** A machine on which no broker runs or has run. */
export const noAdmin: AdminActions = {
  route: () => undefined,
  tokens: () => {
    throw new Error('there are no tokens');
  },
  withStored: () => Promise.reject(new Error('there is no database')),
};
