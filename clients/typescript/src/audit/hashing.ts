export const HASH_BYTES = 32;
export type Hash = Uint8Array<ArrayBuffer>;

/** The platform's cryptography. Throws where a page is not from https: browsers keep it from such pages. */
export function subtle(): SubtleCrypto {
  const found = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (found === undefined) throw new Error("WebCrypto is not here: it takes Node 20, or a page from https");
  return found;
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

/** The bytes of hex digits, in either case, with space between bytes; undefined for anything else. */
export function unhex(text: string): Uint8Array | undefined {
  if (!/^(?:[ \t\n\r\f\v]*[0-9a-fA-F]{2})*[ \t\n\r\f\v]*$/.test(text)) return undefined;
  const pairs = text.match(/[0-9a-fA-F]{2}/g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** The bytes of base64 in the one form there is of them: what could be altered unseen is undefined. */
export function unbase64(text: string): Hash | undefined {
  try {
    const binary = atob(text);
    return btoa(binary) === text ? Uint8Array.from(binary, (letter) => letter.charCodeAt(0)) : undefined;
  } catch {
    return undefined;
  }
}
