import assert from "node:assert/strict";
import { test } from "node:test";
import {
  APIConnectionError,
  APITimeoutError,
  APIUserAbortError,
  ConflictError,
  InternalServerError,
  NotFoundError,
  PreconditionFailedError,
  RateLimitError,
  Tuneledger,
  TuneledgerError,
  UnexpectedAnswerError,
} from "tuneledger";
import { cut, json, problem, Scripted, silence } from "./scripted.ts";

const TASK = { name: "sort", version: 1 };
const made = json(201, TASK, { etag: '"1"' });
const create = (client: Tuneledger, options = {}) =>
  client.request({ method: "POST", path: "/v1/tasks", body: { name: "sort" } }, options);

test("a POST that failed is sent again under the same key, until it is answered", async () => {
  await using server = new Scripted(problem(503, "unavailable"), problem(409, "idempotency_in_flight"), made);
  assert.deepEqual(await create(await server.client()), TASK);
  assert.equal(server.seen.length, 3);
  assert.equal(new Set(server.keys()).size, 1);
  assert.match(String(server.keys()[0]), /^[0-9a-f]{32}$/);
});

test("two calls have two keys, and a key that is given is the one that is sent", async () => {
  await using server = new Scripted(made);
  const client = await server.client();
  await create(client);
  await create(client);
  await create(client, { idempotencyKey: "mine" });
  assert.equal(new Set(server.keys()).size, 3);
  assert.equal(server.keys()[2], "mine");
});

test("an answer that was cut off is asked for again", async () => {
  const half: typeof cut = (response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write('{"na', () => response.destroy());
  };
  await using server = new Scripted(cut, half, json(200, TASK));
  assert.deepEqual(await (await server.client()).tasks.get("x"), TASK);
  assert.equal(server.seen.length, 3);
});

test("a refusal is told once, with its code, its faults and its request", async () => {
  await using server = new Scripted(problem(409, "name_taken"));
  const error = await create(await server.client()).catch((reason: unknown) => reason);
  assert(error instanceof ConflictError);
  assert.equal(server.seen.length, 1);
  assert.deepEqual([error.status, error.code, error.requestId], [409, "name_taken", "r1"]);
  assert.deepEqual(error.errors, [{ pointer: "/name", detail: "is taken", code: "taken" }]);
  assert.match(error.message, /Not so.*is taken.*name_taken.*r1/s);
});

test("each status has its error, and what is no problem of ours is one as well", async () => {
  const page: typeof cut = (response) => response.writeHead(502).end("<html>gateway</html>");
  for (const [answer, kind] of [
    [problem(404, "not_found"), NotFoundError],
    [problem(412, "stale"), PreconditionFailedError],
    [problem(429, "rate_limited"), RateLimitError],
    [page, InternalServerError],
  ] as const) {
    await using server = new Scripted(answer);
    await assert.rejects(async () => (await server.client({ maxRetries: 0 })).tasks.get("x"), kind);
  }
});

test("as many retries as were asked for, and no more", async () => {
  await using server = new Scripted(problem(500, "internal_error"));
  const client = await server.client({ maxRetries: 1 });
  await assert.rejects(async () => client.tasks.get("x"), InternalServerError);
  assert.equal(server.seen.length, 2);
});

test("a change with If-Match that may have arrived is not sent again", async () => {
  await using server = new Scripted(cut);
  const client = await server.client();
  const patch = { method: "PATCH", path: "/v1/tasks/x", body: {} } as const;
  await assert.rejects(async () => client.request(patch, { ifMatch: 3 }), APIConnectionError);
  assert.equal(server.seen.length, 1);
  assert.equal(server.seen[0]?.headers["if-match"], '"3"');
  await assert.rejects(async () => client.request(patch), APIConnectionError);
  assert.equal(server.seen.length, 4);
});

test("what was read is what its change is made for", async () => {
  await using server = new Scripted(json(200, { name: "sort" }, { etag: '"7"' }), json(200, TASK));
  const client = await server.client();
  const task = await client.tasks.get("x");
  await client.tasks.update("x", {}, { ifMatch: task });
  assert.equal(server.seen[1]?.headers["if-match"], '"7"');
  await client.tasks.update("x", {}, { ifMatch: { version: 2 } });
  assert.equal(server.seen[2]?.headers["if-match"], '"2"');
  await assert.rejects(async () => client.tasks.update("x", {}, { ifMatch: { name: "without" } }), TypeError);
});

test("who does not answer in time is given up, and who aborts is not kept waiting", async () => {
  await using server = new Scripted(silence);
  const client = await server.client({ timeout: 50, maxRetries: 0 });
  await assert.rejects(async () => client.tasks.get("x"), APITimeoutError);
  const abort = new AbortController();
  const call = client.tasks.get("x", {}, { signal: abort.signal, timeout: 60_000 });
  abort.abort();
  await assert.rejects(async () => call, APIUserAbortError);
});

test("nobody at the address is an error of the connection", async () => {
  const client = new Tuneledger({ apiKey: "tl_test", baseUrl: "http://127.0.0.1:1", maxRetries: 0 });
  await assert.rejects(async () => client.me(), APIConnectionError);
});

test("an answer that is no JSON is said to be none", async () => {
  await using server = new Scripted((response) => response.writeHead(200).end("<html>"));
  await assert.rejects(async () => (await server.client()).me(), UnexpectedAnswerError);
});

test("the HTTP answer is there for who asks, beside the value or alone", async () => {
  await using server = new Scripted(json(200, TASK, { etag: '"1"', "x-request-id": "r9" }));
  const client = await server.client();
  const both = await client.tasks.get("x").withResponse();
  assert.deepEqual([both.data, both.response.status, both.requestId], [TASK, 200, "r9"]);
  assert.deepEqual(await (await client.tasks.get("x").asResponse()).json(), TASK);
});

test("a list is asked for page by page, and only as far as it is read", async () => {
  const page = (data: number[], next_cursor: string | null) => json(200, { data, next_cursor });
  await using server = new Scripted(page([1, 2], "a+b"), page([3], null));
  const client = await server.client();
  const list = client.tasks.list({ limit: 2 });
  assert.equal(server.seen.length, 0);
  const found: unknown[] = [];
  for await (const task of list) found.push(task);
  assert.deepEqual(found, [1, 2, 3]);
  assert.deepEqual(server.seen.map(({ url }) => url), ["/v1/tasks?limit=2", "/v1/tasks?limit=2&cursor=a%2Bb"]);
  assert.deepEqual((await client.tasks.list()).data, [3]);
});

test("names in paths are quoted, and what would be another route is refused", async () => {
  await using server = new Scripted(json(200, {}));
  const client = await server.client();
  await client.datasets.versions.get("d", "a/b?c");
  assert.equal(server.seen[0]?.url, "/v1/datasets/d/versions/a%2Fb%3Fc");
  for (const name of ["", ".", ".."]) assert.throws(() => client.datasets.get(name), TypeError);
});

test("another fetch, more headers and a prefix of the address are taken", async () => {
  await using server = new Scripted(json(200, {}));
  const plain = await server.client();
  let asked = 0;
  const counted: typeof fetch = (input, init) => {
    asked++;
    return fetch(input, init);
  };
  await plain.withOptions({ fetch: counted, headers: { "X-Team": "a" } }).me();
  assert.deepEqual([asked, server.seen[0]?.headers["x-team"]], [1, "a"]);
  assert.equal(server.seen[0]?.headers.authorization, "Bearer tl_test");
});

test("without a key there is no client, and a client that is printed keeps its key to itself", () => {
  assert.throws(() => new Tuneledger({ apiKey: "" }), TuneledgerError);
  const client = new Tuneledger({ apiKey: "tl_secret" });
  assert(!JSON.stringify(client).includes("tl_secret"));
});

test("a fetch of the caller's own is called by itself: browsers refuse theirs as a method of something else", async () => {
  await using server = new Scripted(made);
  const owners: unknown[] = [];
  const client = await server.client({
    fetch(this: unknown, input, init) {
      owners.push(this);
      return fetch(input, init);
    },
  });
  await create(client);
  assert.deepEqual(owners, [undefined]);
});
