import { inBrowser, platformFetch } from "./platform.js";
import { type Progress, sizeOf } from "./upload.js";

/** What goes out, as fetch takes it. */
export interface Outgoing {
  method: string;
  headers: Headers;
  signal: AbortSignal;
  body?: BodyInit;
  duplex?: "half";
}

/**
 * The answer, by the caller's fetch or the platform's.
 *
 * Elsewhere the body itself tells how far it is. Browsers send it whole, and only XMLHttpRequest tells there.
 */
export async function sent(
  by: typeof fetch,
  url: string,
  outgoing: Outgoing,
  onProgress?: (progress: Progress) => void,
): Promise<Response> {
  // `by` is called by itself: browsers refuse a fetch that is a method of something else.
  if (!inBrowser || onProgress === undefined) return by(url, outgoing);
  if (by === platformFetch && typeof XMLHttpRequest === "function") return watched(url, outgoing, onProgress);
  const response = await by(url, outgoing);
  const total = sizeOf(outgoing.body);
  onProgress({ loaded: total ?? 0, total });
  return response;
}

/** As fetch does it, with an ear for how much is through. */
function watched(url: string, outgoing: Outgoing, onProgress: (progress: Progress) => void): Promise<Response> {
  const { method, headers, signal, body } = outgoing;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open(method, url);
    headers.forEach((value, name) => request.setRequestHeader(name, value));
    request.responseType = "arraybuffer";
    request.upload.onprogress = ({ loaded, total }) => onProgress({ loaded, total });
    request.onload = () => resolve(answerOf(request));
    request.onerror = () => reject(new TypeError("Failed to send"));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort());
    request.send(body as XMLHttpRequestBodyInit);
  });
}

function answerOf(request: XMLHttpRequest): Response {
  const { status, statusText, response } = request as { status: number; statusText: string; response: ArrayBuffer };
  const headers = new Headers();
  for (const line of request.getAllResponseHeaders().split("\r\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 2));
  }
  return new Response(response.byteLength > 0 ? response : null, { status, statusText, headers });
}
