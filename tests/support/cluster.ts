// Several servers with one PostgreSQL and one Redis: they act as one.
import { Postgres } from "./postgres.ts";
import { until } from "./poll.ts";
import { Redis } from "./redis.ts";
import { metric, Server, type Settings } from "./server.ts";

export class Cluster {
  readonly redis: Redis;
  readonly #postgres: Postgres;
  readonly #settings: Settings;
  readonly servers: Server[] = [];

  private constructor(postgres: Postgres, database: string, redis: Redis, settings: Settings) {
    this.#postgres = postgres;
    this.redis = redis;
    this.#settings = { ...settings, DATABASE_URL: database, REDIS_URL: redis.url, DATABASE_POOL: "4" };
  }

  static async start(count: number, settings: Settings = {}): Promise<Cluster> {
    const [postgres, redis] = await Promise.all([Postgres.start(), Redis.start()]);
    const cluster = new Cluster(postgres, await postgres.createDatabase("meet"), redis, settings);
    try {
      for (let i = 0; i < count; i++) await cluster.add();
      await cluster.together();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** One more server. */
  async add(): Promise<Server> {
    const server = await Server.start({ ...this.#settings, NODE_ID: `node-${this.servers.length + 1}` });
    this.servers.push(server);
    return server;
  }

  /** Until each of the running ones knows all others. */
  async together(running: readonly Server[] = this.servers): Promise<void> {
    for (const server of running) {
      await until(
        `${running.length} servers together`,
        async () => (await metric(server, "webrtc_chat_other_servers")) === running.length - 1,
      );
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
    await this.redis.stop();
    await this.#postgres.stop();
  }
}
