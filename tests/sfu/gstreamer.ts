// GStreamer as the other end: one process a pipeline, of elements separated by `!`.
import { createSocket } from "node:dgram";
import { Child } from "../support/process.ts";

export class Pipeline {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  /** Runs; what receives has bound its port. */
  static async start(description: string): Promise<Pipeline> {
    const environment = { PATH: process.env["PATH"], HOME: process.env["HOME"], LC_ALL: "C" };
    const child = new Child("gst-launch-1.0", description.trim().split(/\s+/), environment);
    try {
      await child.line("the pipeline to play", (line) => line.startsWith("Setting pipeline to PLAYING") || null);
      return new Pipeline(child);
    } catch (error) {
      await child.stop("SIGKILL");
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.#child.stop("SIGTERM");
  }
}

/** A UDP port of loopback that nobody has. */
export async function freeUdpPort(): Promise<number> {
  const probe = createSocket("udp4");
  await new Promise<void>((resolve) => probe.bind(0, "127.0.0.1", resolve));
  const { port } = probe.address();
  await new Promise<void>((resolve) => probe.close(resolve));
  return port;
}
