import { inBrowser } from "./platform.js";

type Piece = Uint8Array | string;

/** What can be sent: a whole body, a stream that is read once, or a function that opens it again for a retry. */
export type Upload = Whole | Streamed | (() => Streamed | Whole | Promise<Streamed | Whole>);
export type Whole = string | ArrayBuffer | Uint8Array | Blob;
export type Streamed = ReadableStream<Uint8Array> | AsyncIterable<Piece> | Iterable<Piece>;

/** The bytes transferred so far, and the total if it is known. */
export interface Progress {
  loaded: number;
  total: number | undefined;
}

/** Whether the same bytes can be sent again. */
export function repeatable(upload: unknown): boolean {
  return typeof upload === "function" || isWhole(upload);
}

/**
 * The body for fetch. Without a listener, a whole body is sent as it is, so that the server knows its size.
 *
 * Browsers send everything whole: Chromium's fetch sends streams over HTTP/2 only, and others send none.
 */
export async function bodyOf(upload: Upload, onProgress?: (progress: Progress) => void): Promise<BodyInit> {
  const opened = typeof upload === "function" ? await upload() : upload;
  if (isWhole(opened) && (inBrowser || onProgress === undefined)) return opened as BodyInit;
  if (inBrowser) return new Response(streamOf(opened as Streamed)).blob();
  const total = sizeOf(opened);
  const stream = isWhole(opened) ? new Response(opened as BodyInit).body : streamOf(opened);
  if (stream === null) return "";
  return onProgress === undefined ? stream : stream.pipeThrough(counting(onProgress, total));
}

/** A file's own type if the route accepts it, else generic bytes. */
export function typeOf(upload: unknown, types: readonly string[]): string {
  const own = upload instanceof Blob ? upload.type : "";
  const any = "application/octet-stream";
  return types.includes(own) || !types.includes(any) ? own || types[0] || any : any;
}

export function counting(onProgress: (progress: Progress) => void, total?: number): TransformStream<Uint8Array> {
  let loaded = 0;
  return new TransformStream({
    transform(piece, controller) {
      loaded += piece.byteLength;
      controller.enqueue(piece);
      onProgress({ loaded, total });
    },
  });
}

function isWhole(upload: unknown): upload is Whole {
  return (
    typeof upload === "string" ||
    upload instanceof ArrayBuffer ||
    upload instanceof Uint8Array ||
    upload instanceof Blob
  );
}

/** The size in bytes, if it is known beforehand. */
export function sizeOf(upload: unknown): number | undefined {
  if (upload instanceof Blob) return upload.size;
  if (upload instanceof ArrayBuffer || upload instanceof Uint8Array) return upload.byteLength;
  return typeof upload === "string" ? new TextEncoder().encode(upload).byteLength : undefined;
}

function streamOf(opened: Streamed): ReadableStream<Uint8Array> {
  if (opened instanceof ReadableStream) return opened;
  const encoder = new TextEncoder();
  const pieces = Symbol.asyncIterator in opened ? opened[Symbol.asyncIterator]() : opened[Symbol.iterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(typeof value === "string" ? encoder.encode(value) : value);
    },
    async cancel() {
      await pieces.return?.();
    },
  });
}
