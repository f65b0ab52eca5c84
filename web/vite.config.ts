// The app: index.html and everything lazily loaded from it. The frames under /pay/ are a build of their own
// (vite.pay.config.ts), so that they never share a chunk with mail code.

import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Fonts that PDF files may name without carrying them; pdf.js fetches them from our own origin. */
function pdfFonts(): Plugin {
  return {
    name: "pdf-fonts",
    writeBundle({ dir }) {
      const from = join("node_modules", "pdfjs-dist", "standard_fonts");
      const to = join(dir ?? "dist", "assets", "pdf-fonts");
      mkdirSync(to, { recursive: true });
      for (const name of readdirSync(from)) copyFileSync(join(from, name), join(to, name));
    },
  };
}

export default defineConfig({
  plugins: [react(), pdfFonts()],
  server: { proxy: { "/v1": "http://127.0.0.1:8080", "/m": "http://127.0.0.1:8080" } },
  build: {
    target: "es2022",
    // data: addresses would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    chunkSizeWarningLimit: 700,
  },
});
