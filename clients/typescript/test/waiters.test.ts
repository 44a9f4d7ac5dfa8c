import assert from "node:assert/strict";
import { test } from "node:test";
import { OperationFailedError, TuneFailedError, WaitTimeoutError } from "tuneledger";
import { json, Scripted } from "./scripted.ts";

const operation = (state: string, done = 0) => json(200, { id: "o", state, progress: { done }, error: null });
const tune = (state: string) => json(200, { id: "t", state, error: { message: "no money" } });

test("an operation is waited for to its end, and each change is told once", async () => {
  await using server = new Scripted(
    operation("running", 1),
    operation("running", 1),
    operation("running", 2),
    operation("succeeded", 2),
  );
  const told: string[] = [];
  const found = await (await server.client()).operations.wait("o", {
    onProgress: ({ state, progress }) => told.push(`${state} ${progress.done}`),
  });
  assert.equal(found.state, "succeeded");
  assert.deepEqual(told, ["running 1", "running 2", "succeeded 2"]);
  assert.equal(server.seen[0]?.url, "/v1/operations/o?wait=1");
});

test("what failed is an error that has it, unless it is not to be checked", async () => {
  await using server = new Scripted(operation("failed"));
  const client = await server.client();
  await assert.rejects(client.operations.wait("o"), (error) => {
    assert(error instanceof OperationFailedError);
    return error.operation.state === "failed";
  });
  assert.equal((await client.operations.wait("o", { check: false })).state, "failed");
});

test("what takes too long is not waited for", async () => {
  await using server = new Scripted(operation("running"));
  await assert.rejects((await server.client()).operations.wait("o", { timeout: 1 }), WaitTimeoutError);
});

test("a tune is looked at until it has ended", async () => {
  await using server = new Scripted(tune("queued"), tune("running"), tune("failed"));
  const told: string[] = [];
  const client = await server.client();
  const waiting = client.tunes.wait("t", { interval: 1, onChange: ({ state }) => told.push(state) });
  await assert.rejects(waiting, (error) => error instanceof TuneFailedError && error.message.includes("no money"));
  assert.deepEqual(told, ["queued", "running", "failed"]);
});
