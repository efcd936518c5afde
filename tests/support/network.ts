// Hosts of a test's own in network namespaces: each has one cable to a hub, which routes between them.
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const HUB_ADDRESS = "10.77.0.1";

export class Host {
  readonly name: string;
  readonly address: string;
  readonly namespace: string;

  constructor(name: string, address: string) {
    this.name = name;
    this.address = address;
    this.namespace = `webrtc-chat-${process.pid}-${name}`;
  }

  /** What comes before a command that is to run on this host. */
  get launcher(): readonly string[] {
    return ["ip", "netns", "exec", this.namespace];
  }

  /** Takes these chains of nftables in the place of the last ones. */
  async filter(chains: string): Promise<void> {
    await this.run("nft", "add table inet test; delete table inet test");
    if (chains !== "") await this.run("nft", `table inet test {\n${chains}\n}`);
  }

  async run(command: string, ...args: readonly string[]): Promise<void> {
    const [first = "", ...rest] = [...this.launcher, command, ...args];
    await run(first, rest);
  }

  /** What listens on the host's own 127.0.0.1 at this port is reached here at the same port, past every network. */
  async open(port: number): Promise<Server> {
    const relay = `const { connect } = require("node:net"); const there = connect(${port}, "127.0.0.1");
      there.on("error", () => process.exit()); // what listened has ended
      process.stdin.pipe(there).pipe(process.stdout);`;
    const [command = "", ...args] = [...this.launcher, process.execPath, "-e", relay];
    const server = createServer((here) => {
      const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
      here.pipe(child.stdin);
      child.stdout.pipe(here);
      for (const stream of [here, child.stdin]) stream.on("error", () => undefined); // the other end is gone
      here.on("close", () => child.kill());
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return server;
  }
}

/** No UDP leaves or reaches the host. */
export const NO_UDP = ["input", "output"]
  .map((hook) => `chain ${hook} { type filter hook ${hook} priority 0; meta l4proto udp drop; }`)
  .join("\n");
/** The cable is pulled out. */
export const NOTHING = ["input", "output"]
  .map((hook) => `chain ${hook} { type filter hook ${hook} priority 0; meta oifname != "lo" meta iifname != "lo" drop; }`)
  .join("\n");
/** A tenth of what is on its way between hosts is lost, each packet by its own chance. */
export const LOSSY_FORWARDING =
  "chain forward { type filter hook forward priority 0; meta l4proto udp numgen random mod 10 == 0 drop; }";
/** A tenth of what comes to this host is lost on the way. */
export const LOSSY_ARRIVAL = LOSSY_FORWARDING.replaceAll("forward", "input");
/** The hub itself is reached, and nobody through it. */
export const NO_FORWARDING = "chain forward { type filter hook forward priority 0; policy drop; }";

export class Network {
  readonly hub = new Host("hub", HUB_ADDRESS);
  readonly #hosts = new Map<string, Host>();
  readonly #folder: string;
  readonly #end = () => this.#unplug();

  private constructor(folder: string) {
    this.#folder = folder;
    process.once("exit", this.#end);
  }

  static async create(names: readonly string[]): Promise<Network> {
    const network = new Network(await mkdtemp(join(tmpdir(), "webrtc-chat-net-")));
    const { hub } = network;
    try {
      await run("ip", ["netns", "add", hub.namespace]);
      await ip(hub, "link set lo up");
      await ip(hub, `address add ${HUB_ADDRESS}/32 dev lo`);
      await hub.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward");
      for (const [i, name] of names.entries()) await network.#plug(name, i + 1);
    } catch (error) {
      await network.remove();
      throw error;
    }
    return network;
  }

  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`no host ${name}`);
    return host;
  }

  /** An executable file that runs this program on that host. */
  async script(host: Host, program: string): Promise<string> {
    const path = join(this.#folder, host.name);
    await writeFile(path, `#!/bin/sh\nexec ${[...host.launcher, program].join(" ")} "$@"\n`);
    await chmod(path, 0o755);
    return path;
  }

  /** Once what runs on the hosts has ended. */
  async remove(): Promise<void> {
    process.off("exit", this.#end);
    this.#unplug();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #plug(name: string, number: number): Promise<void> {
    const { hub } = this;
    const host = new Host(name, `10.77.${number}.2`);
    await run("ip", ["netns", "add", host.namespace]);
    this.#hosts.set(name, host);
    await ip(hub, `link add ${name} type veth peer name eth0 netns ${host.namespace}`);
    await ip(hub, `address add 10.77.${number}.1/24 dev ${name}`);
    await ip(hub, `link set ${name} up`);
    await ip(host, "link set lo up");
    await ip(host, `address add ${host.address}/24 dev eth0`);
    await ip(host, "link set eth0 up");
    await ip(host, `route add default via 10.77.${number}.1`);
  }

  #unplug(): void {
    for (const { namespace } of [...this.#hosts.values(), this.hub]) {
      try {
        execFileSync("ip", ["netns", "delete", namespace], { stdio: "ignore" });
      } catch {
        // it was not made
      }
    }
    this.#hosts.clear();
  }
}

async function ip(host: Host, command: string): Promise<void> {
  await run("ip", ["-n", host.namespace, ...command.split(" ")]);
}
