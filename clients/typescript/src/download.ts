import { APIConnectionError } from "./errors.js";
import { byteLines, pieces } from "./lines.js";
import { counting, type Progress } from "./upload.js";

/** A file to download. Nothing is sent before you read it, and each read sends a new request. */
export class Download implements AsyncIterable<Uint8Array> {
  readonly #open: () => Promise<Response>;

  constructor(open: () => Promise<Response>) {
    this.#open = open;
  }

  /** The response, with an unread body. */
  asResponse(): Promise<Response> {
    return this.#open();
  }

  /** The bytes as a web stream: pipe it into a file, or give it to Node's `writeFile`. */
  async stream(onProgress?: (progress: Progress) => void): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#open();
    const body = response.body ?? new Blob([]).stream();
    if (onProgress === undefined) return body;
    // A compressed body is longer than its Content-Length.
    const length = response.headers.has("content-encoding") ? null : response.headers.get("content-length");
    return body.pipeThrough(counting(onProgress, length === null ? undefined : Number(length)));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const stream = await this.stream();
    try {
      yield* pieces(stream);
    } catch (error) {
      throw new APIConnectionError("the download broke off", { cause: error });
    }
  }

  /** Iterate over the lines, without line ends. */
  async *lines(): AsyncGenerator<string, void, undefined> {
    const decoder = new TextDecoder();
    for await (const line of byteLines(this)) yield decoder.decode(line);
  }

  /** Each line of NDJSON as a value. */
  async *rows<T = unknown>(): AsyncGenerator<T, void, undefined> {
    for await (const line of this.lines()) if (line !== "") yield JSON.parse(line) as T;
  }

  /** Read the whole file into memory. */
  async text(): Promise<string> {
    return (await this.#open()).text();
  }
}
