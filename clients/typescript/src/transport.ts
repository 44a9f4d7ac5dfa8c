import { inBrowser, platformFetch } from "./platform.js";
import { type Progress, sizeOf } from "./upload.js";

/** A request as fetch takes it. */
export interface Outgoing {
  method: string;
  headers: Headers;
  signal: AbortSignal;
  body?: BodyInit;
  duplex?: "half";
}

/**
 * Send a request with the caller's fetch or the platform's.
 *
 * Browsers send a body whole, and only XMLHttpRequest reports its progress. Elsewhere the body reports it.
 */
export async function send(
  fetcher: typeof fetch,
  url: string,
  outgoing: Outgoing,
  onProgress?: (progress: Progress) => void,
): Promise<Response> {
  // Called as a plain function: browsers refuse a fetch that is called as a method.
  if (!inBrowser || onProgress === undefined) return fetcher(url, outgoing);
  if (fetcher === platformFetch && typeof XMLHttpRequest === "function") {
    return sendWithProgress(url, outgoing, onProgress);
  }
  const response = await fetcher(url, outgoing);
  const total = sizeOf(outgoing.body);
  onProgress({ loaded: total ?? 0, total });
  return response;
}

/** Send like fetch, but report the upload's progress. */
function sendWithProgress(url: string, outgoing: Outgoing, onProgress: (progress: Progress) => void): Promise<Response> {
  const { method, headers, signal, body } = outgoing;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open(method, url);
    headers.forEach((value, name) => request.setRequestHeader(name, value));
    request.responseType = "arraybuffer";
    request.upload.onprogress = ({ loaded, total }) => onProgress({ loaded, total });
    request.onload = () => resolve(responseOf(request));
    request.onerror = () => reject(new TypeError("Failed to send"));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort());
    request.send(body as XMLHttpRequestBodyInit);
  });
}

function responseOf(request: XMLHttpRequest): Response {
  const { status, statusText, response } = request as { status: number; statusText: string; response: ArrayBuffer };
  const headers = new Headers();
  for (const line of request.getAllResponseHeaders().split("\r\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 2));
  }
  return new Response(response.byteLength > 0 ? response : null, { status, statusText, headers });
}
