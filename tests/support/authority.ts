// A certificate authority of a test's own, with a certificate for the server under test.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

export class Authority {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<Authority> {
    const authority = new Authority(await mkdtemp(join(tmpdir(), "webrtc-chat-tls-")));
    await run("openssl", ["req", "-x509", ...KEY, "-days", "2", "-subj", "/CN=authority of this test",
      "-keyout", authority.#at("ca.key"), "-out", authority.#at("ca.pem")]);
    return authority;
  }

  /** PEM of the authority, for who is to trust it. */
  async pem(): Promise<string> {
    return readFile(this.#at("ca.pem"), "utf8");
  }

  /** A new key and certificate in the files of `settings`, for names as `DNS:localhost` and `IP:::1`. */
  async certify(subject: string, names: readonly string[]): Promise<void> {
    await run("openssl", ["req", ...KEY, "-subj", `/CN=${subject}`,
      "-keyout", this.#at("new.key"), "-out", this.#at("request.pem")]);
    await writeFile(this.#at("names"), `subjectAltName=${names.join()}\n`);
    await run("openssl", ["x509", "-req", "-days", "2", "-in", this.#at("request.pem"), "-CA", this.#at("ca.pem"),
      "-CAkey", this.#at("ca.key"), "-CAcreateserial", "-extfile", this.#at("names"), "-out", this.#at("server.pem")]);
    await writeFile(this.#at("server.key"), await readFile(this.#at("new.key")));
  }

  /** Of the server. */
  get settings(): { TLS_CERT: string; TLS_KEY: string } {
    return { TLS_CERT: this.#at("server.pem"), TLS_KEY: this.#at("server.key") };
  }

  /** A home folder whose owner's Chromium trusts this authority. */
  async trustingHome(): Promise<string> {
    const home = this.#at("home");
    await this.trustIn(join(home, ".pki/nssdb"));
    return home;
  }

  /** Has who keeps certificates in this folder trust this authority: a new profile of Firefox, for one. */
  async trustIn(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    await run("certutil", ["-d", `sql:${folder}`, "-N", "--empty-password"]);
    await run("certutil", ["-d", `sql:${folder}`, "-A", "-t", "C,,", "-n", "authority of this test", "-i", this.#at("ca.pem")]);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  #at(file: string): string {
    return join(this.folder, file);
  }
}
