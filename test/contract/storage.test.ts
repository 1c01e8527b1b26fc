import { fakeUnderTest, postgresUnderTest } from '../support/storage-under-test.js';
import { describeStorage } from './storage-contract.js';
import { describeStorageContent } from './storage-content-contract.js';

describeStorage('a storage in memory', fakeUnderTest);
describeStorage('PostgreSQL', postgresUnderTest);
describeStorageContent('a storage in memory', fakeUnderTest);
describeStorageContent('PostgreSQL', postgresUnderTest);
