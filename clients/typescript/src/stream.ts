import type { Api } from "./api.js";
import { APIConnectionError, APIUserAbortError, InternalServerError, RateLimitError } from "./errors.js";
import { UnexpectedAnswerError } from "./errors.js";
import { textLines } from "./lines.js";
import { Reader } from "./messages.js";
import type { Request, StreamOptions } from "./options.js";
import { pause, sleep } from "./retries.js";

// The server sends at least a comment every 15 seconds.
const SILENCE = 45_000;

/**
 * Events as they happen. A broken stream reconnects and continues after the last message that was seen.
 *
 * Once it was open, it reconnects however long the server is down. It ends when the server says that nothing more will
 * follow, or after `seconds` if set. To continue later, keep `lastEventId`.
 */
export class EventStream<T> implements AsyncIterable<T> {
  readonly #api: Api;
  readonly #request: Request;
  readonly #options: StreamOptions;
  readonly #reader: Reader;
  #over = false;

  constructor(api: Api, request: Request, options: StreamOptions) {
    this.#api = api;
    this.#request = request;
    this.#options = options;
    this.#reader = new Reader(options.lastEventId === undefined ? undefined : String(options.lastEventId));
  }

  get lastEventId(): string | undefined {
    return this.#reader.lastEventId;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    const limited = (this.#request.query as { seconds?: number } | undefined)?.seconds !== undefined;
    let opened = false;
    let failures = 0;
    while (!this.#over) {
      try {
        for await (const value of this.#once()) {
          opened = true;
          failures = 0;
          if (value !== undefined) yield value.data;
        }
        this.#over ||= limited;
      } catch (error) {
        if (!opened || !canReconnect(error)) throw error;
        failures++;
      }
      if (this.#over) return;
      const wait = failures > 0 ? pause(failures) : (this.#reader.retry ?? 500);
      await sleep(wait, this.#options.signal).catch(abortedBy);
    }
  }

  /** Read one connection: first undefined, once it is open, then the values. */
  async *#once(): AsyncGenerator<{ data: T } | undefined, void, undefined> {
    this.#reader.forget();
    const quiet = new AbortController();
    const signal = this.#options.signal ? AbortSignal.any([this.#options.signal, quiet.signal]) : quiet.signal;
    const { lastEventId: _, ...options } = this.#options;
    const last = this.#reader.lastEventId;
    const response = await this.#api.open(this.#request, { ...options, signal, ...(last && { lastEventId: last }) });
    let timer = setTimeout(() => quiet.abort(), SILENCE);
    try {
      yield undefined;
      for await (const line of textLines(response.body ?? new Blob([]).stream())) {
        clearTimeout(timer);
        timer = setTimeout(() => quiet.abort(), SILENCE);
        const message = this.#reader.feed(line);
        if (message === undefined || message.event === "place") continue;
        if (message.event === "end") {
          this.#over = true;
          return;
        }
        yield { data: this.#value(message.data) };
      }
    } catch (error) {
      if (error instanceof UnexpectedAnswerError) throw error;
      if (this.#options.signal?.aborted) abortedBy(error);
      throw new APIConnectionError(`${this.#request.path} broke off`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  #value(data: string): T {
    try {
      return JSON.parse(data) as T;
    } catch (error) {
      throw new UnexpectedAnswerError(`${this.#request.path} sent no JSON`, { cause: error });
    }
  }
}

function canReconnect(error: unknown): boolean {
  return (
    error instanceof APIConnectionError || error instanceof InternalServerError || error instanceof RateLimitError
  );
}

function abortedBy(cause: unknown): never {
  throw new APIUserAbortError("aborted by the caller", { cause });
}
