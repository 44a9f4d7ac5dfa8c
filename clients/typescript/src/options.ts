import type { Progress } from "./upload.js";

/** What one call can have of its own; the rest is the client's. */
export interface RequestOptions {
  /** Ends the call when it is aborted. */
  signal?: AbortSignal;
  /** Milliseconds for each attempt; of a download or a stream, until it begins. */
  timeout?: number;
  /** Attempts after the first. */
  maxRetries?: number;
  /** Sent beside ours, and instead of ours where the names are equal. */
  headers?: Record<string, string>;
  /** For a POST: the same key and request again gets the first answer again. Made anew for each call by default. */
  idempotencyKey?: string;
}

/** For changes of a resource that has an ETag. */
export interface ChangeOptions extends RequestOptions {
  /** The resource as it was read, its ETag, or its version: 412 when it has changed since. */
  ifMatch?: object | string | number;
}

export interface UploadOptions extends RequestOptions {
  /** Default: what the file says of itself, else bytes of any kind. */
  contentType?: string;
  /** Called with what is through. */
  onProgress?: (progress: Progress) => void;
}

export interface StreamOptions extends RequestOptions {
  /** The id of the last message that was seen: the stream goes on after it. */
  lastEventId?: string | number;
}

/** A call as the resources describe it. */
export interface Request {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  query?: object | undefined;
  body?: unknown;
  upload?: unknown;
  types?: readonly string[];
}

export type AnyOptions = ChangeOptions & UploadOptions & StreamOptions;
