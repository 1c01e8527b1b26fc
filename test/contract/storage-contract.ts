import { afterEach, beforeEach, describe } from '@jest/globals';
import { storedSession } from '../support/journal-entries.js';
import type { StorageUnderTest } from '../support/storage-under-test.js';

/** What the contracts of a storage are written with. */
export interface ContractTools {
  /** Of the test that runs. */
  readonly under: Pick<StorageUnderTest, 'storage' | 'commit' | 'restart' | 'sharedMessages'>;
  readonly a: ReturnType<typeof storedSession>;
  readonly b: ReturnType<typeof storedSession>;
  /** Has the storage keep these sessions. */
  readonly ensure: (...sessions: ContractTools['a'][]) => Promise<void>;
  readonly commitAndRestart: () => Promise<void>;
}

/** Holds a storage to a contract, with a new one for each of its tests. */
export function describeStorage(
  name: string,
  open: () => Promise<StorageUnderTest>,
  contract: (tools: ContractTools) => void,
): void {
  describe(name, () => {
    let current: StorageUnderTest;
    beforeEach(async () => {
      current = await open();
    }, 60_000);
    afterEach(() => current.close());

    const under: ContractTools['under'] = {
      get storage() {
        return current.storage;
      },
      commit: () => current.commit(),
      restart: () => current.restart(),
      sharedMessages: () => current.sharedMessages(),
    };
    contract({
      ...{ under, a: storedSession(1, 'a'), b: storedSession(2, 'b') },
      ensure: async (...sessions) => {
        const stored = sessions.map((session) => under.storage.sessions.ensure(session));
        await under.commit();
        await Promise.all(stored);
      },
      commitAndRestart: async () => {
        await under.commit();
        await under.restart();
      },
    });
  });
}
