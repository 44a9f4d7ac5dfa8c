export const HASH_BYTES = 32;
export type Hash = Uint8Array<ArrayBuffer>;

/** The platform's cryptography. Throws on pages without https, where browsers do not offer it. */
export function subtle(): SubtleCrypto {
  const webCrypto = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (webCrypto === undefined) throw new Error("WebCrypto is missing: use Node 20 or newer, or a page from https");
  return webCrypto;
}

export async function sha256(...parts: Uint8Array[]): Promise<Hash> {
  return new Uint8Array(await subtle().digest("SHA-256", joined(parts)));
}

export function joined(parts: Uint8Array[]): Hash {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Decode hex digits in either case, with optional space between bytes; undefined for anything else. */
export function unhex(text: string): Uint8Array | undefined {
  if (!/^(?:[ \t\n\r\f\v]*[0-9a-fA-F]{2})*[ \t\n\r\f\v]*$/.test(text)) return undefined;
  const pairs = text.match(/[0-9a-fA-F]{2}/g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Decode canonical base64; undefined for other encodings of the same bytes, whose change nobody would notice. */
export function unbase64(text: string): Hash | undefined {
  try {
    const binary = atob(text);
    return btoa(binary) === text ? Uint8Array.from(binary, (letter) => letter.charCodeAt(0)) : undefined;
  } catch {
    return undefined;
  }
}
