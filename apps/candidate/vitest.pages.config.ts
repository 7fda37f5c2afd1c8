// The built H5 pages in a real browser against a mock of the server; screenshots of every screen come out of it.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['tests/**/*.pages.ts'], testTimeout: 90_000, hookTimeout: 60_000, fileParallelism: false },
})
