import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // The simulation keeps all cores busy beside the others.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // What is waited for comes as soon as it can: a second is not much where others keep the cores busy.
    expect: { poll: { timeout: 15_000 } },
  },
});
