// A NAT between clients and a media port: each client's address gets a port of its own outside, and another one after
// `rebind()`, as when a telephone changes networks.
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { networkInterfaces } from "node:os";

// The first two octets of a Binding request and of an error response to one (RFC 8489 section 5).
const CHECK = 0x0001;
const REFUSAL = 0x0111;

/** An address of this machine that is not the server's: browsers send from no loopback address. */
export function outsideAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.2";
}

export class Nat {
  /** Keeps back what clients answer to the server's own checks: to the server, each seems not to be there. */
  hidesAnswers = false;
  /** Octets of the clients' checks, and of all that came for the clients, since the last `rebind()`. */
  checked = 0;
  received = 0;
  readonly #inside: Socket;
  readonly #target: { readonly address: string; readonly port: number };
  readonly #outside = new Map<string, Socket>();

  private constructor(inside: Socket, address: string, port: number) {
    this.#inside = inside;
    this.#target = { address, port };
    inside.on("message", (datagram, from) => this.#send(datagram, from));
  }

  /** Takes what is sent to `port` of `address` to the same port of `server`. */
  static async open(address: string, port: number, server: string): Promise<Nat> {
    const inside = createSocket("udp4");
    await new Promise<void>((resolve, reject) => inside.once("error", reject).bind(port, address, resolve));
    return new Nat(inside, server, port);
  }

  rebind(): void {
    for (const socket of this.#outside.values()) socket.close();
    this.#outside.clear();
    this.checked = this.received = 0;
  }

  close(): void {
    this.rebind();
    this.#inside.close();
  }

  #send(datagram: Buffer, from: RemoteInfo): void {
    const head = datagram.readUInt16BE(0);
    if (this.hidesAnswers && head === REFUSAL) return;
    if (head === CHECK) this.checked += datagram.length;
    this.#socketOf(from).send(datagram, this.#target.port, this.#target.address);
  }

  #socketOf(client: RemoteInfo): Socket {
    const name = `${client.address}:${client.port}`;
    const known = this.#outside.get(name);
    if (known !== undefined) return known;
    const socket = createSocket("udp4");
    socket.on("message", (datagram) => {
      this.received += datagram.length;
      this.#inside.send(datagram, client.port, client.address);
    });
    this.#outside.set(name, socket);
    return socket;
  }
}
