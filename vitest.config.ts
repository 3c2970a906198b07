import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // The simulation keeps all cores busy beside the others.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
