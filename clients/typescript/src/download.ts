import { APIConnectionError } from "./errors.js";
import { byteLines, pieces } from "./lines.js";
import { counting, type Progress } from "./upload.js";

/** A file that the server makes while it is read. Nothing is asked for before, and each reading asks anew. */
export class Download implements AsyncIterable<Uint8Array> {
  readonly #open: () => Promise<Response>;

  constructor(open: () => Promise<Response>) {
    this.#open = open;
  }

  /** The answer, its body unread. */
  asResponse(): Promise<Response> {
    return this.#open();
  }

  /** The bytes as a web stream: pipe it into a file, or give it to Node's `writeFile`. */
  async stream(onProgress?: (progress: Progress) => void): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#open();
    const body = response.body ?? new Blob([]).stream();
    if (onProgress === undefined) return body;
    // What comes compressed is longer than it says.
    const told = response.headers.has("content-encoding") ? null : response.headers.get("content-length");
    return body.pipeThrough(counting(onProgress, told === null ? undefined : Number(told)));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const stream = await this.stream();
    try {
      yield* pieces(stream);
    } catch (error) {
      throw new APIConnectionError("the download broke off", { cause: error });
    }
  }

  /** Line by line, without the ends. */
  async *lines(): AsyncGenerator<string, void, undefined> {
    const decoder = new TextDecoder();
    for await (const line of byteLines(this)) yield decoder.decode(line);
  }

  /** Each line of NDJSON as a value. */
  async *rows<T = unknown>(): AsyncGenerator<T, void, undefined> {
    for await (const line of this.lines()) if (line !== "") yield JSON.parse(line) as T;
  }

  /** All of it, in memory. */
  async text(): Promise<string> {
    return (await this.#open()).text();
  }
}
