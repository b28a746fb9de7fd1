// How the console is built: one chunk per page, a manifest that scripts/size.mjs measures, /api from a daemon while developing.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const daemon = process.env.AFTERCALL_URL ?? 'https://127.0.0.1:8443';

export default defineConfig({
  plugins: [react()],
  build: { manifest: true, target: 'es2022', assetsInlineLimit: 0, reportCompressedSize: false },
  server: { proxy: { '/api': { target: daemon, secure: false } } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'], css: false },
});
