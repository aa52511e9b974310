import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

/** The app lives at /lapangan/ of the site; the worker keeps one name, because its address is its identity. */
export default defineConfig({
  base: "/lapangan/",
  test: { testTimeout: 120_000, hookTimeout: 120_000 }, // ten PINs take a second here, a minute on a busy machine
  plugins: [svelte()],
  build: {
    outDir: "../betang/web/static/lapangan",
    emptyOutDir: true,
    target: "es2022",
    cssTarget: "chrome123", // light-dark() of the tokens
    assetsInlineLimit: 0,
    cssCodeSplit: false, // one file: a screen must not wait for its styles where the phone reads them late
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { index: "index.html", sw: "worker/sw.ts" },
      output: {
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
});
