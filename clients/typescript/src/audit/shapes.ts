import { leafHash } from "./merkle.js";
import type { Hash } from "./hashing.js";

/** An event as the export has it; `data` is the text its leaf was made of, `recorded_us` in microseconds UTC. */
export interface Line {
  seq: number;
  stream: string;
  stream_id: string;
  version: number;
  type: string;
  actor: string;
  request_id: string;
  recorded_us: number;
  data: string;
  leaf: string;
}

export interface Header {
  format: string;
  workspace_id: string;
  origin: string;
  size: number;
  checkpoint: string | null;
  keys: string[];
}

export interface Tile {
  tile: number;
  hashes: string;
}

type Value = Record<string, unknown>;

const TEXTS = ["stream", "stream_id", "type", "actor", "request_id", "data", "leaf"];
const NUMBERS = ["seq", "version", "recorded_us"];

/** What a line says; undefined for what is not JSON in UTF-8, or no object. */
export function read(line: Uint8Array): Value | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
    const value: unknown = JSON.parse(text, whole);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Value) : undefined;
  } catch {
    return undefined;
  }
}

/** Half a letter of UTF-16 can be escaped in JSON, and is no text. */
function whole(_: string, value: unknown): unknown {
  if (typeof value === "string" && /\p{Surrogate}/u.test(value)) throw new SyntaxError("not a text");
  return value;
}

export function isHeader(value: Value | undefined): value is Value & Header {
  return (
    value !== undefined &&
    ["format", "workspace_id", "origin"].every((name) => typeof value[name] === "string") &&
    Number.isSafeInteger(value["size"]) &&
    (typeof value["checkpoint"] === "string" || value["checkpoint"] === null) &&
    Array.isArray(value["keys"]) &&
    value["keys"].every((key) => typeof key === "string")
  );
}

export function isLine(value: Value): value is Value & Line {
  const texts = TEXTS.every((name) => typeof value[name] === "string");
  return texts && NUMBERS.every((name) => Number.isSafeInteger(value[name]));
}

export function isTile(value: Value): value is Value & Tile {
  return Number.isSafeInteger(value["tile"]) && typeof value["hashes"] === "string";
}

/** sha256(0x00 ‖ the JSON array of the event's envelope), as Postgres wrote it. */
export function leafOf(workspaceId: string, line: Line): Promise<Hash> {
  const envelope = [
    workspaceId,
    line.seq,
    line.stream,
    line.stream_id,
    line.version,
    line.type,
    line.actor,
    line.request_id,
    line.recorded_us,
    line.data,
  ];
  return leafHash(new TextEncoder().encode(`[${envelope.map((each) => JSON.stringify(each)).join(", ")}]`));
}
