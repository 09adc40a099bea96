import { engineNodeFlags } from './packages/sandbox/src/engine/engine-process.ts';
import { defineConfig } from 'vitest/config';

const shared = {
  pool: 'forks' as const,
  // Many tests run the engine in their own process.
  execArgv: [...engineNodeFlags],
  testTimeout: 30_000,
  hookTimeout: 60_000,
  // Some tests of sockets and limits still depend on how crowded the machine is: a fault fails every time.
  retry: 2,
};

export default defineConfig({
  test: {
    reporters: ['default', './scripts/vitest-count-reporter.ts'],
    globalSetup: ['./scripts/vitest-global-setup.ts'],
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          ...shared,
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'wpt/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          exclude: ['e2e/**/*.soak.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Whole platforms share two cores: one at a time.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: 'soak',
          include: ['e2e/**/*.soak.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
