// The pages' own logic, tested as on H5.
import { defineConfig } from 'vitest/config'

export const extensions = ['.h5.tsx', '.h5.ts', '.tsx', '.ts', '.mjs', '.js', '.json']

export default defineConfig({
  resolve: { extensions },
  test: { include: ['src/**/*.test.ts'] },
})
