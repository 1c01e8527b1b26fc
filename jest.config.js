import { availableParallelism } from 'node:os';

/** Jest runs the TypeScript sources as native ES modules; types are checked by `npm run typecheck`. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testTimeout: 20_000,
  // Jest leaves one processor idle by default, though many tests wait. The database server of the run takes so many at once.
  maxWorkers: Math.min(availableParallelism(), 4),
  globalSetup: '<rootDir>/test/support/database-run-setup.js',
  globalTeardown: '<rootDir>/test/support/database-run-teardown.js',
  reporters: ['default', '<rootDir>/scripts/test-summary.js'],
};
