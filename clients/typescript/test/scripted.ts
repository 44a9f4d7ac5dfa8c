import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Tuneledger, type ClientOptions } from "tuneledger";

export interface Seen {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export type Answer = (response: ServerResponse, seen: Seen) => void;

/** A server that answers one request after the other as it is told, the last answer again and again. */
export class Scripted implements AsyncDisposable {
  readonly seen: Seen[] = [];
  readonly #server;

  constructor(...answers: Answer[]) {
    this.#server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        const seen = { method, url, headers, body: Buffer.concat(pieces).toString() };
        this.seen.push(seen);
        answers[Math.min(this.seen.length, answers.length) - 1]?.(response, seen);
      });
    });
  }

  async client(options: ClientOptions = {}): Promise<Tuneledger> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    return new Tuneledger({ apiKey: "tl_test", baseUrl: `http://127.0.0.1:${port}/`, ...options });
  }

  keys(): unknown[] {
    return this.seen.map(({ headers }) => headers["idempotency-key"]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
  };
}

export function problem(status: number, code: string, headers: Record<string, string> = {}): Answer {
  const errors = [{ pointer: "/name", detail: "is taken", code: "taken" }];
  return json(status, { type: "about:blank", title: "No", status, detail: "Not so.", code, request_id: "r1", errors }, {
    "retry-after": "0",
    ...headers,
  });
}

export const cut: Answer = (response) => response.destroy();
export const silence: Answer = () => undefined;
