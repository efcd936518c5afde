import { reactRouter } from "@react-router/dev/vite";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

const server = process.env["CHAT_SERVER"] ?? "http://localhost:3000";

export default defineConfig({
  plugins: [tailwindcss(), reactRouter()],
  resolve: { alias: { "~": `${import.meta.dirname}/src` } },
  build: { target: "es2022", assetsInlineLimit: 0 },
  // Libraries are looked for in every source: one found late would reload the page under one's hands.
  optimizeDeps: { entries: ["src/**/*.{ts,tsx}", "!src/**/*.test.*"] },
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      "/api": { target: server },
      "/socket.io": { target: server, ws: true },
    },
  },
});
