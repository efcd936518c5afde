// A UDP socket of a test's own that keeps or passes on what a consumer is sent.
import { createSocket, type Socket } from "node:dgram";

export class Receiver {
  readonly port: number;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.port = socket.address().port;
  }

  static async open(onDatagram: (datagram: Buffer, socket: Socket) => void): Promise<Receiver> {
    const socket = createSocket("udp4");
    socket.on("message", (datagram) => onDatagram(datagram, socket));
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    return new Receiver(socket);
  }

  send(datagram: Buffer, port: number): void {
    this.#socket.send(datagram, port, "127.0.0.1");
  }

  close(): void {
    this.#socket.close();
  }
}
