import { Api } from "./api.js";
import { Call } from "./call.js";
import { TuneledgerError } from "./errors.js";
import { Root } from "./generated/root.js";
import type { ChangeOptions, Request } from "./options.js";
import { environment, platformFetch } from "./platform.js";

const DEFAULT_BASE_URL = "http://127.0.0.1:8400";

export interface ClientOptions {
  /** Default: the environment's TUNELEDGER_API_KEY. */
  apiKey?: string;
  /** Default: the environment's TUNELEDGER_BASE_URL, else this machine's port 8400. */
  baseUrl?: string;
  /** Milliseconds for each attempt. */
  timeout?: number;
  /** Attempts after the first. */
  maxRetries?: number;
  /** Sent with every call. */
  headers?: Record<string, string>;
  /** Your own fetch, for proxies, tests or other platforms. */
  fetch?: typeof fetch;
}

/** The client of Tuneledger. Its resources are attributes: `client.datasets.examples.list(…)`. */
export class Tuneledger extends Root {
  constructor(options: ClientOptions = {}) {
    const apiKey = options.apiKey ?? environment("TUNELEDGER_API_KEY");
    if (!apiKey) throw new TuneledgerError("there is no API key: pass apiKey, or set TUNELEDGER_API_KEY");
    const baseUrl = options.baseUrl ?? environment("TUNELEDGER_BASE_URL") ?? DEFAULT_BASE_URL;
    super(
      new Api({
        apiKey,
        baseUrl: baseUrl.replace(/(\/v1)?\/*$/, "").replace(/\/+$/, ""),
        timeout: options.timeout ?? 60_000,
        maxRetries: options.maxRetries ?? 2,
        headers: { ...options.headers },
        fetch: options.fetch ?? platformFetch,
      }),
    );
  }

  /** Copy the client with other options. */
  withOptions(options: ClientOptions): Tuneledger {
    const { settings } = this.api;
    return new Tuneledger({ ...settings, ...options, headers: { ...settings.headers, ...options.headers } });
  }

  /** Send any request, with retries and errors, for routes that this client does not know yet. */
  request<T = unknown>(request: Request, options?: ChangeOptions): Call<T> {
    return this.api.call(request, options);
  }
}
