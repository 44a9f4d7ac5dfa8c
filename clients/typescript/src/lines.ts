/** A source of bytes: a stream, a response's body, or pieces. */
export type Bytes = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** The pieces of a web stream, also in Safari, whose streams are not iterable. Cancels a stream not read to its end. */
export async function* pieces(bytes: Bytes): AsyncGenerator<Uint8Array, void, undefined> {
  if (!(bytes instanceof ReadableStream)) {
    yield* bytes;
    return;
  }
  const reader = bytes.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Split bytes into lines without line ends, in constant memory. Lines end with `\n` only, as in NDJSON. */
export async function* byteLines(bytes: Bytes): AsyncGenerator<Uint8Array, void, undefined> {
  let rest: Uint8Array[] = [];
  for await (const piece of pieces(bytes)) {
    let begin = 0;
    for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, begin)) {
      yield joined([...rest, piece.subarray(begin, end)]);
      rest = [];
      begin = end + 1;
    }
    if (begin < piece.length) rest.push(piece.slice(begin));
  }
  if (rest.length > 0) yield joined(rest);
}

/** Split text into lines, where `\n`, `\r\n` and `\r` all end a line, as in server-sent events. */
export async function* textLines(bytes: Bytes): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of pieces(bytes)) {
    rest += decoder.decode(piece, { stream: true });
    // A \r at the end may be the first half of \r\n.
    const held = rest.endsWith("\r") ? "\r" : "";
    const lines = rest.slice(0, rest.length - held.length).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? "") + held;
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest.replace(/\r$/, "");
}

function joined(parts: Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
