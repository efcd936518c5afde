import type { Config } from "@react-router/dev/config";

// A single-page application: the server only hands out files.
export default { appDirectory: "src", ssr: false } satisfies Config;
