import { leafHash } from "./merkle.js";
import type { Hash } from "./hashes.js";

/** An event of the export; `data` is the text that its leaf covers, `recorded_us` is in microseconds UTC. */
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

/** `earlier` are checkpoints signed since the last full tile: they locate a changed event that no tile covers. */
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

/** Parse a line; undefined if it is not a JSON object in UTF-8 without repeated fields. */
export function read(line: Uint8Array): Value | undefined {
  try {
    const json = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
    const value: unknown = JSON.parse(json, refuseSurrogates);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return hasEachFieldOnce(json, value as Value) ? (value as Value) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether no field is repeated: another parser might read the other value. Refuses 1.0 for 1 too: JavaScript cannot
 * tell them apart, other parsers can.
 */
function hasEachFieldOnce(json: string, value: Value): boolean {
  if (JSON.stringify(value) === json) return true;
  let [inString, fields] = [false, 0];
  for (const [token] of json.matchAll(TOKENS)) {
    if (token === '"') inString = !inString;
    else if (!inString && token === ":") fields++;
    else if (!inString) return false;
  }
  return fields === Object.keys(value).length;
}

/** JSON can escape half a UTF-16 character, which is no text. */
function refuseSurrogates(_: string, value: unknown): unknown {
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

/** No leaf or signature covers further fields, so they are refused. */
function fits(value: Value, shape: Shape): boolean {
  const names = Object.keys(shape);
  return Object.keys(value).length === names.length && names.every((name) => shape[name]?.(value[name]) === true);
}

/** sha256(0x00 ‖ the JSON array of the event's envelope), serialized like Postgres does. */
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
