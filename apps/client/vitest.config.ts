import { defineConfig } from "vitest/config";

// Logic runs in plain Node, components (.tsx) in jsdom, which takes seconds to start.
export default defineConfig({
  resolve: {
    alias: { "~": `${import.meta.dirname}/src`, "~tests": `${import.meta.dirname}/tests` },
  },
  test: {
    restoreMocks: true,
    testTimeout: 20_000, // the machine may be busy building
    projects: [
      {
        extends: true,
        test: { name: "logic", environment: "node", include: ["src/**/*.test.ts"] },
      },
      {
        extends: true,
        test: {
          name: "components",
          environment: "jsdom",
          include: ["src/**/*.test.tsx"],
          setupFiles: ["tests/setup.ts"],
        },
      },
    ],
  },
});
