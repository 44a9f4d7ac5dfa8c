const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8_000;
const LONGEST_ASKED = 60_000;
// Node's codes of failures before anything was sent. Browsers do not tell.
const NOT_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

/** Whether a retry may succeed. `text` is the refusal's body. */
export function worthRepeating(status: number, text: string): boolean {
  // Other 409s are final; this one says that the first attempt is still running.
  return status === 409 ? text.includes('"idempotency_in_flight"') : status === 408 || status === 429 || status >= 500;
}

/** Whether a request certainly failed before the server saw it. */
export function notSent(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code: unknown = (cause as { code?: unknown }).code;
    if (typeof code === "string" && NOT_SENT.has(code)) return true;
    if (cause instanceof AggregateError && cause.errors.length > 0) return cause.errors.every(notSent);
  }
  return false;
}

/** Milliseconds to wait after attempt number `attempt` + 1: the server's Retry-After, else doubling with jitter. */
export function pause(attempt: number, headers?: Headers): number {
  const asked = retryAfter(headers?.get("retry-after") ?? null, Date.now());
  if (asked !== undefined) return Math.min(asked, LONGEST_ASKED);
  // Jitter keeps clients that failed together from retrying together.
  return Math.min(FIRST_PAUSE * 2 ** attempt, LONGEST_PAUSE) * (0.5 + Math.random() / 2);
}

/** Parse a Retry-After header, seconds or a date, into milliseconds. */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  const seconds = Number(header);
  const milliseconds = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1_000;
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}

/** Wait; rejects with the signal's reason if it is aborted before. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
