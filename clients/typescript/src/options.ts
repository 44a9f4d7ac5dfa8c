import type { Progress } from "./upload.js";

/** Options of one call; others come from the client. */
export interface RequestOptions {
  /** Aborts the call. */
  signal?: AbortSignal;
  /** Milliseconds for each attempt; for a download or stream, until it begins. */
  timeout?: number;
  /** Attempts after the first. */
  maxRetries?: number;
  /** Further headers; they replace ours of the same name. */
  headers?: Record<string, string>;
  /** For a POST: a repeat with the same key gets the first response. Default: a new key for each call. */
  idempotencyKey?: string;
}

/** For changes of a resource with an ETag. */
export interface ChangeOptions extends RequestOptions {
  /** The resource as read, its ETag, or its version: 412 if it has changed since. */
  ifMatch?: object | string | number;
}

export interface UploadOptions extends RequestOptions {
  /** Default: the file's own type, else generic bytes. */
  contentType?: string;
  /** Called with the bytes transferred so far. */
  onProgress?: (progress: Progress) => void;
}

export interface StreamOptions extends RequestOptions {
  /** The id of the last message that was seen; the stream continues after it. */
  lastEventId?: string | number;
}

/** A request as the resources describe it. */
export interface Request {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  query?: object | undefined;
  body?: unknown;
  upload?: unknown;
  types?: readonly string[];
}

export type AnyOptions = ChangeOptions & UploadOptions & StreamOptions;
