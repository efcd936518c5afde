// A TCP proxy that cuts connections as a bad network does: both ends at once, without a word.
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export class CuttingProxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  cuts = 0;

  private constructor(target: number) {
    this.#server = createServer((client) => {
      const pair = [client, connect(target, "127.0.0.1")] as const;
      this.#pairs.add(pair);
      client.pipe(pair[1]);
      pair[1].pipe(client);
      for (const end of pair) {
        end.on("error", () => undefined); // "close" follows
        end.on("close", () => this.#end(pair));
      }
    });
  }

  static async start(target: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target);
    await new Promise<void>((done) => proxy.#server.listen(0, "127.0.0.1", done));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Cuts one of the connections there are; `choice` is 0 to 1. False: there is none. */
  cut(choice: number): boolean {
    const pairs = [...this.#pairs];
    const pair = pairs[Math.floor(choice * pairs.length)];
    if (pair === undefined) return false;
    this.#end(pair);
    this.cuts++;
    return true;
  }

  stop(): void {
    this.#server.close();
    for (const pair of this.#pairs) this.#end(pair);
  }

  #end(pair: readonly [Socket, Socket]): void {
    if (!this.#pairs.delete(pair)) return;
    for (const end of pair) end.resetAndDestroy();
  }
}
