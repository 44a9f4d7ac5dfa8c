import assert from "node:assert/strict";
import { test } from "node:test";
import { APIUserAbortError, BadRequestError } from "tuneledger";
import { type Answer, problem, Scripted } from "./scripted.ts";

/** A stream of these pieces, which then ends, or is cut off. */
function told(text: string, ending: "ends" | "is cut off" | "stays open" = "ends"): Answer {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(text, () => {
      if (ending === "ends") response.end();
      else if (ending === "is cut off") response.destroy();
    });
  };
}

async function seqs(stream: AsyncIterable<{ seq: number }>): Promise<number[]> {
  const found: number[] = [];
  for await (const event of stream) found.push(event.seq);
  return found;
}

const message = (seq: number) => `id: ${seq}\ndata: {"seq": ${seq}}\n\n`;
const END = "event: end\ndata: {}\n\n";

test("a stream that breaks off goes on after the last message that was whole", async () => {
  await using server = new Scripted(
    told(`retry: 1\nid: 4\nevent: place\ndata: {"reached": 4}\n\n${message(5)}id: 6\ndata: {"se`, "is cut off"),
    problem(503, "unavailable"),
    told(`: still here\n${message(6)}`),
    told(`${message(7)}${END}`),
  );
  const stream = (await server.client()).events.stream({ types: ["A", "B"] });
  assert.deepEqual(await seqs(stream), [5, 6, 7]);
  assert.deepEqual(server.seen.map(({ headers }) => headers["last-event-id"]), [undefined, "5", "5", "6"]);
  assert.equal(server.seen[0]?.url, "/v1/events/stream?types=A&types=B");
  assert.equal(stream.lastEventId, "7");
});

test("lines may end in any of the three ways, also where the pieces are cut", async () => {
  await using server = new Scripted((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const pieces = ["id: 1\r", '\ndata: {"seq":\r\ndata: 1}\r\n\r', "\nid: 2\rdata: ", '{"seq": 2}\r\r', `${END}`];
    const next = (): void => {
      const piece = pieces.shift();
      if (piece === undefined) response.end();
      else response.write(piece, () => setImmediate(next));
    };
    next();
  });
  assert.deepEqual(await seqs((await server.client()).events.stream()), [1, 2]);
});

test("a stream begins where it is told, and ends where it was asked to", async () => {
  await using server = new Scripted(told(message(9)));
  const stream = (await server.client()).events.stream({ seconds: 0 }, { lastEventId: 8 });
  assert.deepEqual(await seqs(stream), [9]);
  assert.deepEqual(server.seen.map(({ headers }) => headers["last-event-id"]), ["8"]);
});

test("a stream that is refused is not asked for again", async () => {
  await using server = new Scripted(problem(400, "invalid_request"));
  const client = await server.client();
  await assert.rejects(async () => seqs(client.events.stream()), BadRequestError);
  assert.equal(server.seen.length, 1);
});

test("a stream that is aborted, or that nobody reads on, is let go", async () => {
  await using server = new Scripted(told(message(1), "stays open"));
  const client = await server.client();
  const abort = new AbortController();
  const read = async () => {
    for await (const event of client.events.stream({}, { signal: abort.signal })) if (event.seq === 1) abort.abort();
  };
  await assert.rejects(read, APIUserAbortError);
  for await (const event of client.events.stream()) {
    assert.equal(event.seq, 1);
    break;
  }
  assert.equal(server.seen.length, 2);
});
