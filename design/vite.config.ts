import { defineConfig, type Plugin } from "vite";
import { single, sprite } from "./making/icons.ts";

/** Pico draws its controls with `data:` pictures, which our content policy forbids: files instead. */
function withoutDataPictures(): Plugin {
  return {
    name: "betang-without-data-pictures",
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== "asset" || !file.fileName.endsWith(".css")) continue;
        file.source = String(file.source).replace(/url\("data:[^"]*"\)/g, "none");
      }
    },
  };
}

function icons(): Plugin {
  return {
    name: "betang-icons",
    generateBundle() {
      const file = (fileName: string, source: string) => this.emitFile({ type: "asset", fileName, source });
      file("icons.svg", sprite());
      file("control/chevron.svg", single("chevron-down", "#7a6f5f"));
      file("control/check.svg", single("check", "#ffffff", 4));
      file("control/check-dark.svg", single("check", "#06241c", 4));
      file("control/minus.svg", single("x", "#ffffff", 4));
      file("control/search.svg", single("search", "#7a6f5f"));
      file("control/calendar.svg", single("calendar-range", "#7a6f5f"));
      file("control/clock.svg", single("clock", "#7a6f5f"));
      file("control/close.svg", single("x", "#7a6f5f"));
    },
  };
}

export default defineConfig({
  base: "/static/betang/",
  publicDir: "public",
  plugins: [withoutDataPictures(), icons()],
  build: {
    outDir: "../betang/web/static/betang",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["chrome111", "firefox115", "safari16.4"],
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        betang: "styles/betang.css",
        pages: "scripts/pages.ts",
        board: "scripts/board.ts",
        "live-worker": "scripts/live-worker.ts",
        card: "scripts/card.ts",
        public: "styles/public.css",
        designs: "scripts/designs.ts",
      },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "part-[name].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
});
