// The frames in which card data is typed: two small pages without framework, built apart from the app.

import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  build: {
    target: "es2022",
    emptyOutDir: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { "pay-card": "pay/card.html", "pay-code": "pay/code.html" },
    },
  },
});
