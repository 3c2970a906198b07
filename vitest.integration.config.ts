import { defineConfig } from 'vitest/config';
import { FailuresLast } from './integration/support/failures-last.ts';

export default defineConfig({
  test: {
    include: ['integration/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['integration/support/global-setup.ts'],
    // One file has the machine for itself: times are measured, and Engines are heavy.
    fileParallelism: false,
    // Of the concurrent cases within a file.
    maxConcurrency: 4,
    testTimeout: 300_000,
    hookTimeout: 180_000,
    reporters: ['default', new FailuresLast()],
  },
});
