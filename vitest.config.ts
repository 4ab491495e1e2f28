import { defineConfig } from 'vitest/config';

/** Tests that need no server: they run alone and fast by `npx vitest run --project unit`. */
const unit = ['policy', 'charters', 'audit', 'agents', 'unit']
  .map((room) => `test/${room}/**/*.test.ts`)
  .concat('test/layering.test.ts');

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { name: 'unit', include: unit } },
      {
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: unit,
          globalSetup: 'test/support/stack.ts',
          setupFiles: ['test/support/quiet.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
