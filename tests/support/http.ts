// HTTP as a client with full control of every header sees it: no redirects, no cache, no hidden retries.
import { request as plainRequest } from "node:http";
import { request as tlsRequest, type RequestOptions } from "node:https";
import { connect } from "node:net";
import { within } from "./poll.ts";

export type Answer = {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
};

export type Ask = {
  method?: string;
  headers?: Readonly<Record<string, string | string[]>>;
  /** A string or bytes as they are, anything else as JSON with its content type. */
  body?: unknown;
  /** PEM of the authority that signed the server's certificate. */
  ca?: string;
  /** The address to ask from. */
  localAddress?: string;
};

export async function ask(url: string, options: Ask = {}): Promise<Answer> {
  const headers: Record<string, string | string[]> = { ...options.headers };
  let body: string | Buffer | undefined;
  if (typeof options.body === "string" || Buffer.isBuffer(options.body)) body = options.body;
  else if (options.body !== undefined) body = JSON.stringify(options.body);
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  if (body !== undefined && !hasType) headers["content-type"] = "application/json";
  const isFramed = Object.keys(headers).some((name) => /^(content-length|transfer-encoding)$/i.test(name));
  // Node frames the body of a DELETE with neither by itself.
  if (body !== undefined && !isFramed) headers["content-length"] = String(Buffer.byteLength(body));
  const settings: RequestOptions = { method: options.method ?? "GET", headers, agent: false };
  if (options.ca !== undefined) settings.ca = options.ca;
  if (options.localAddress !== undefined) settings.localAddress = options.localAddress;

  const answer = new Promise<Answer>((resolve, reject) => {
    const send = url.startsWith("https:") ? tlsRequest : plainRequest;
    const request = send(url, settings, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
  return within(`an answer to ${settings.method} ${url}`, answer, 20_000);
}

export function json(answer: Answer): unknown {
  return JSON.parse(answer.body.toString("utf8"));
}

/** The code of an error answer in the one shape that the contract gives all of them. */
export function errorCode(answer: Answer): string {
  const value = json(answer) as { code?: unknown; message?: unknown };
  if (typeof value.code !== "string" || typeof value.message !== "string") {
    throw new Error(`not an error body: ${answer.body.toString("utf8")}`);
  }
  return value.code;
}

/** Sends bytes on a plain TCP connection and gives all that came back until the server closed. */
export function exchange(port: number, bytes: string | Buffer, deadlineMs = 20_000): Promise<string> {
  const closed = new Promise<string>((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const parts: Buffer[] = [];
    socket.on("data", (part) => parts.push(part));
    socket.on("error", reject);
    socket.on("close", () => resolve(Buffer.concat(parts).toString("latin1")));
    socket.write(bytes);
  });
  return within("the server to close the connection", closed, deadlineMs);
}

export function statusOf(reply: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(reply)?.[1] ?? 0);
}
