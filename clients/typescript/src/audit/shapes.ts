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

/** `earlier` are heads that were signed since the last full tile: with them an event is named that is in none. */
export interface Header {
  format: string;
  workspace_id: string;
  origin: string;
  size: number;
  checkpoint: string | null;
  earlier: string[];
  keys: string[];
}

export interface Tile {
  tile: number;
  hashes: string;
}

type Value = Record<string, unknown>;

type Test = (value: unknown) => boolean;
type Shape = Record<string, Test>;

const text: Test = (value) => typeof value === "string";
const texts: Test = (value) => Array.isArray(value) && value.every(text);
const number: Test = (value) => Number.isSafeInteger(value);

const HEADER: Shape = {
  format: text,
  workspace_id: text,
  origin: text,
  size: number,
  checkpoint: (value) => value === null || text(value),
  earlier: texts,
  keys: texts,
};
const LINE: Shape = {
  seq: number,
  stream: text,
  stream_id: text,
  version: number,
  type: text,
  actor: text,
  request_id: text,
  recorded_us: number,
  data: text,
  leaf: text,
};
const TILE: Shape = { tile: number, hashes: text };

const TOKENS = /\\.|[":]|\d[.eE]/gs;

/** What a line says; undefined for what is not JSON in UTF-8, or no object of fields that are there once each. */
export function read(line: Uint8Array): Value | undefined {
  try {
    const said = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
    const value: unknown = JSON.parse(said, whole);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return saysEachOnce(said, value as Value) ? (value as Value) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether no field is there twice: who reads it elsewhere might take the other one. Nor is 1.0 let pass for 1, which
 * JavaScript cannot tell apart and others do.
 */
function saysEachOnce(said: string, value: Value): boolean {
  if (JSON.stringify(value) === said) return true;
  let [within, fields] = [false, 0];
  for (const [token] of said.matchAll(TOKENS)) {
    if (token === '"') within = !within;
    else if (!within && token === ":") fields++;
    else if (!within) return false;
  }
  return fields === Object.keys(value).length;
}

/** Half a letter of UTF-16 can be escaped in JSON, and is no text. */
function whole(_: string, value: unknown): unknown {
  if (typeof value === "string" && /\p{Surrogate}/u.test(value)) throw new SyntaxError("not a text");
  return value;
}

export function isHeader(value: Value | undefined): value is Value & Header {
  return value !== undefined && fits(value, HEADER);
}

export function isLine(value: Value): value is Value & Line {
  return fits(value, LINE);
}

export function isTile(value: Value): value is Value & Tile {
  return fits(value, TILE);
}

/** What a line says beyond its fields is under no leaf and no signature, so it is not let pass with them. */
function fits(value: Value, shape: Shape): boolean {
  const names = Object.keys(shape);
  return Object.keys(value).length === names.length && names.every((name) => shape[name]?.(value[name]) === true);
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
