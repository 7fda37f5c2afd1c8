import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// Names hold a hash in hex, so that the server can tell that such a file never changes.
const hashed = 'assets/[name]-[hash:12]'

export default defineConfig({
  base: '/console/',
  plugins: [react()],
  // The server allows no pictures or fonts from elsewhere, and no script in the page: nothing is inlined.
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    rollupOptions: {
      output: {
        hashCharacters: 'hex',
        entryFileNames: `${hashed}.js`,
        chunkFileNames: `${hashed}.js`,
        assetFileNames: `${hashed}[extname]`,
        manualChunks: (id) => (id.includes('node_modules') ? 'vendor' : undefined),
      },
    },
  },
  server: { proxy: { '/api': process.env.ZHAOYAN ?? 'http://127.0.0.1:8080' } },
})
