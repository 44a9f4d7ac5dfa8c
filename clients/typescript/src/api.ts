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
import { send } from "./transport.js";
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

/** Sends calls, retries if that is safe, and turns refusals into errors. */
export class Api {
  readonly settings: Settings;

  constructor(settings: Settings) {
    this.settings = settings;
    // Printing a client must not print its key.
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

  /** Send a call; the response is read whole within the timeout. */
  send(request: Request, options: AnyOptions = {}): Promise<Response> {
    return this.#tried(request, options, async (response) => {
      const bytes = await response.arrayBuffer();
      return new Response(bytes.byteLength > 0 ? bytes : null, response);
    });
  }

  /** Send a call; the response is read while it arrives. */
  open(request: Request, options: AnyOptions = {}): Promise<Response> {
    return this.#tried(request, options, async (response) => response);
  }

  async #tried(request: Request, options: AnyOptions, read: (response: Response) => Promise<Response>) {
    const headers = this.#headers(request, options);
    // If a change with If-Match did arrive, its retry would be stale and look like somebody else's change. With an
    // Idempotency-Key the retry gets the first response.
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
      const response = await send(this.settings.fetch, this.url(request), outgoing, options.onProgress);
      return response.ok ? await read(response) : new Response(await response.arrayBuffer(), response);
    } catch (error) {
      if (options.signal?.aborted) return aborted(error);
      if (late.signal.aborted) throw new APITimeoutError(`no answer in time from ${request.path}`, { cause: error });
      throw new APIConnectionError(`no answer from ${request.path}: ${messageOf(error)}`, { cause: error });
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
    const headers = new Headers({ accept: "*/*", authorization: `Bearer ${this.settings.apiKey}` });
    // Browsers set their own User-Agent.
    if (!inBrowser) headers.set("user-agent", `tuneledger-typescript/${VERSION}`);
    if (request.upload !== undefined) {
      headers.set("content-type", options.contentType ?? typeOf(request.upload, request.types ?? []));
    } else if (request.body !== undefined) {
      headers.set("content-type", "application/json");
    }
    // One key for all attempts: the first that arrives counts, and the others get its response.
    if (request.method === "POST") headers.set("idempotency-key", options.idempotencyKey ?? newKey());
    if (options.ifMatch !== undefined) headers.set("if-match", ifMatch(options.ifMatch));
    if (options.lastEventId !== undefined) headers.set("last-event-id", String(options.lastEventId));
    const own = { ...this.settings.headers, ...options.headers };
    for (const [name, value] of Object.entries(own)) headers.set(name, value);
    return headers;
  }
}

async function content(request: Request, options: AnyOptions): Promise<{ body?: BodyInit; duplex?: "half" }> {
  if (request.upload !== undefined) {
    const body = await bodyOf(request.upload as Upload, options.onProgress);
    // fetch requires `duplex` to send a stream.
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
  // crypto.randomUUID exists in secure contexts only, getRandomValues wherever crypto does.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function aborted(error: unknown): never {
  throw new APIUserAbortError("aborted by the caller", { cause: error });
}

function messageOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
