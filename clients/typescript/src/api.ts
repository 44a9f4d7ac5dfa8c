import { Call } from "./call.js";
import { Download } from "./download.js";
import {
  APIConnectionError,
  APITimeoutError,
  APIUserAbortError,
  statusError,
  UnexpectedAnswerError,
} from "./errors.js";
import { ifMatch, rememberEtag } from "./etags.js";
import { VERSION } from "./generated/version.js";
import type { AnyOptions, Request, StreamOptions } from "./options.js";
import { type Page, Pages } from "./pages.js";
import { inBrowser } from "./platform.js";
import { notSent, pause, sleep, worthRepeating } from "./retries.js";
import { sent } from "./sending.js";
import { EventStream } from "./stream.js";
import { bodyOf, repeatable, type Upload, typeOf } from "./upload.js";

export interface Settings {
  baseUrl: string;
  apiKey: string;
  timeout: number;
  maxRetries: number;
  headers: Record<string, string>;
  fetch: typeof fetch;
}

/** Sends calls, tries again where that is safe, and turns refusals into errors. */
export class Api {
  readonly settings: Settings;

  constructor(settings: Settings) {
    this.settings = settings;
    // Who prints a client does not mean to print its key.
    Object.defineProperty(this, "settings", { enumerable: false });
  }

  call<T>(request: Request, options: AnyOptions = {}): Call<T> {
    return new Call(this.send(request, options), async (response) => {
      const value = await json<T>(request, response);
      rememberEtag(value, response.headers);
      return value;
    });
  }

  nothing(request: Request, options: AnyOptions = {}): Call<void> {
    return new Call(this.send(request, options), async () => undefined);
  }

  pages<P extends Page<T>, T>(request: Request, options: AnyOptions = {}): Pages<P, T> {
    return new Pages((cursor) => {
      const query = cursor === undefined ? request.query : { ...request.query, cursor };
      return this.call<P>({ ...request, query }, options);
    });
  }

  download(request: Request, options: AnyOptions = {}): Download {
    return new Download(() => this.open(request, options));
  }

  stream<T>(request: Request, options: StreamOptions = {}): EventStream<T> {
    return new EventStream(this, request, options);
  }

  /** The answer, read to its end within the timeout. */
  send(request: Request, options: AnyOptions = {}): Promise<Response> {
    return this.#tried(request, options, async (response) => {
      const bytes = await response.arrayBuffer();
      return new Response(bytes.byteLength > 0 ? bytes : null, response);
    });
  }

  /** The answer, to be read as it comes. */
  open(request: Request, options: AnyOptions = {}): Promise<Response> {
    return this.#tried(request, options, async (response) => response);
  }

  async #tried(request: Request, options: AnyOptions, read: (response: Response) => Promise<Response>) {
    const headers = this.#headers(request, options);
    // A change with If-Match that did arrive makes its own repeat stale, which would look like somebody else's change;
    // with an Idempotency-Key beside it the repeat gets the first answer.
    const conditional = headers.has("if-match") && !headers.has("idempotency-key");
    const again = request.upload === undefined || repeatable(request.upload);
    const most = again ? (options.maxRetries ?? this.settings.maxRetries) : 0;
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#once(request, headers, options, read).catch((error: unknown) => {
        const safe = error instanceof APIConnectionError && (!conditional || notSent(error));
        if (!safe || attempt >= most) throw error;
        return undefined;
      });
      if (answer?.ok) return answer;
      const text = await answer?.text();
      if (answer !== undefined && (attempt >= most || !worthRepeating(answer.status, text ?? ""))) {
        throw statusError(answer, text ?? "");
      }
      await sleep(pause(attempt, answer?.headers), options.signal).catch(aborted);
    }
  }

  /** One attempt. A refusal is always read whole; the rest is up to `read`. */
  async #once(
    request: Request,
    headers: Headers,
    options: AnyOptions,
    read: (response: Response) => Promise<Response>,
  ): Promise<Response> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), options.timeout ?? this.settings.timeout);
    const signal = options.signal ? AbortSignal.any([options.signal, late.signal]) : late.signal;
    try {
      const outgoing = { method: request.method, headers, signal, ...(await content(request, options)) };
      const response = await sent(this.settings.fetch, this.url(request), outgoing, options.onProgress);
      return response.ok ? await read(response) : new Response(await response.arrayBuffer(), response);
    } catch (error) {
      if (options.signal?.aborted) return aborted(error);
      if (late.signal.aborted) throw new APITimeoutError(`no answer in time from ${request.path}`, { cause: error });
      throw new APIConnectionError(`no answer from ${request.path}: ${told(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  url(request: Request): string {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(request.query ?? {})) {
      for (const each of Array.isArray(value) ? value : [value]) {
        if (each === undefined || each === null) continue;
        search.append(name, each instanceof Date ? each.toISOString() : `${each}`);
      }
    }
    const query = search.size > 0 ? `?${search}` : "";
    return this.settings.baseUrl + request.path + query;
  }

  #headers(request: Request, options: AnyOptions): Headers {
    const made = new Headers({ accept: "*/*", authorization: `Bearer ${this.settings.apiKey}` });
    // Browsers have a User-Agent of their own.
    if (!inBrowser) made.set("user-agent", `tuneledger-typescript/${VERSION}`);
    if (request.upload !== undefined) {
      made.set("content-type", options.contentType ?? typeOf(request.upload, request.types ?? []));
    } else if (request.body !== undefined) {
      made.set("content-type", "application/json");
    }
    // Made once for all attempts: whichever arrives first counts, and the others get its answer.
    if (request.method === "POST") made.set("idempotency-key", options.idempotencyKey ?? newKey());
    if (options.ifMatch !== undefined) made.set("if-match", ifMatch(options.ifMatch));
    if (options.lastEventId !== undefined) made.set("last-event-id", String(options.lastEventId));
    const own = { ...this.settings.headers, ...options.headers };
    for (const [name, value] of Object.entries(own)) made.set(name, value);
    return made;
  }
}

async function content(request: Request, options: AnyOptions): Promise<{ body?: BodyInit; duplex?: "half" }> {
  if (request.upload !== undefined) {
    const body = await bodyOf(request.upload as Upload, options.onProgress);
    // fetch sends streams only to who says that the answer is read after them.
    return body instanceof ReadableStream ? { body, duplex: "half" } : { body };
  }
  return request.body === undefined ? {} : { body: JSON.stringify(request.body) };
}

async function json<T>(request: Request, response: Response): Promise<T> {
  const text = await response.text();
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new UnexpectedAnswerError(`${request.method} ${request.path} answered no JSON`, { cause: error });
  }
}

function newKey(): string {
  // crypto.randomUUID is there in secure contexts alone, and this is wherever crypto is.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function aborted(error: unknown): never {
  throw new APIUserAbortError("aborted by the caller", { cause: error });
}

function told(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
