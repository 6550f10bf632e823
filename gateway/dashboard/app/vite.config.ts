import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The bundle goes next to the Python module that serves it; no script or style is written inline.
export default defineConfig({
  plugins: [react()],
  base: "/",
  build: {
    outDir: "../static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    reportCompressedSize: false,
  },
});
