import assert from "node:assert/strict";
import { test } from "node:test";
import { APIConnectionError, type Upload } from "tuneledger";
import { cut, json, problem, Scripted } from "./scripted.ts";

const ROWS = '{"a":1}\n{"a":"ü"}\n';
const BYTES = new TextEncoder().encode(ROWS);
const accepted = json(202, { id: "1", state: "queued" });

function* pieces(): Generator<string> {
  yield ROWS.slice(0, 5);
  yield ROWS.slice(5);
}

const UPLOADS: Record<string, Upload> = {
  text: ROWS,
  bytes: BYTES,
  blob: new Blob([ROWS]),
  stream: new Blob([ROWS]).stream(),
  iterable: pieces(),
  opener: () => new Blob([ROWS]).stream(),
};

for (const [name, upload] of Object.entries(UPLOADS)) {
  test(`an upload of ${name} arrives as it is, and says how far it is`, async () => {
    await using server = new Scripted(accepted);
    const told: number[] = [];
    const onProgress = ({ loaded }: { loaded: number }) => told.push(loaded);
    await (await server.client()).datasets.imports.create("d", upload, { format: "csv" }, { onProgress });
    assert.equal(server.seen[0]?.body, ROWS);
    assert.equal(server.seen[0]?.url, "/v1/datasets/d/imports?format=csv");
    assert.equal(told.at(-1), BYTES.length);
  });
}

test("what can be read once is sent once, and what can be opened anew is sent again", async () => {
  await using server = new Scripted(problem(503, "unavailable"), accepted);
  const client = await server.client();
  let opened = 0;
  const opener = () => {
    opened++;
    return new Blob([ROWS]).stream();
  };
  assert.equal((await client.datasets.imports.create("d", opener)).state, "queued");
  assert.deepEqual([opened, server.seen[1]?.body], [2, ROWS]);
  await using broken = new Scripted(cut);
  const other = await broken.client();
  await assert.rejects(async () => other.datasets.imports.create("d", new Blob([ROWS]).stream()), APIConnectionError);
  assert.equal(broken.seen.length, 1);
});

test("a file's own type is sent where the route takes it", async () => {
  await using server = new Scripted(accepted);
  const client = await server.client();
  await client.datasets.imports.create("d", new Blob([ROWS], { type: "text/csv" }));
  await client.datasets.imports.create("d", new Blob([ROWS], { type: "image/png" }));
  await client.datasets.imports.create("d", ROWS, {}, { contentType: "application/x-ndjson" });
  const types = server.seen.map(({ headers }) => headers["content-type"]);
  assert.deepEqual(types, ["text/csv", "application/octet-stream", "application/x-ndjson"]);
});

test("a download is read as bytes, lines, rows or text, and asked for when it is read", async () => {
  await using server = new Scripted((response) => {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    // Cut within a letter and within a line.
    for (const at of [0, 3, 14, 15]) response.write(BYTES.subarray(at, at === 0 ? 3 : at === 3 ? 14 : at + 1));
    response.end(BYTES.subarray(16));
  });
  const download = (await server.client()).datasets.export("d");
  assert.equal(server.seen.length, 0);
  const rows: unknown[] = [];
  for await (const row of download.rows()) rows.push(row);
  assert.deepEqual(rows, [{ a: 1 }, { a: "ü" }]);
  assert.equal(await download.text(), ROWS);
  let loaded = 0;
  const stream = await download.stream((progress) => (loaded = progress.loaded));
  assert.equal(await new Response(stream).text(), ROWS);
  assert.equal(loaded, BYTES.length);
});

test("a download that breaks off is an error, and no shorter file", async () => {
  await using server = new Scripted((response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write(BYTES, () => setImmediate(() => response.destroy()));
  });
  const client = await server.client();
  const read = async () => {
    for await (const line of client.datasets.export("d").lines()) assert(ROWS.includes(line));
  };
  await assert.rejects(read, APIConnectionError);
});
