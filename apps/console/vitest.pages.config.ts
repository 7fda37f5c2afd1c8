// The built pages in a real browser against a mock of the server.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['tests/**/*.pages.ts'], testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false },
})
