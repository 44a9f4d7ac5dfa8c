// What a page does with the client, in a real browser: tests/clients/test_typescript_browser.py opens it.
import {
  APIStatusError,
  audit,
  type ClientOptions,
  type Progress,
  Tuneledger,
  TuneledgerError,
  type types,
  type Upload,
  verifyLog,
} from "tuneledger";

const given = new URLSearchParams(location.search);
const options: ClientOptions = { baseUrl: given.get("url") ?? "", apiKey: given.get("key") ?? "" };
const client = new Tuneledger(options);
const ROWS = 20_000;

let dataset: types.Dataset;

const STEPS: Record<string, () => Promise<unknown>> = {
  async makes() {
    const { data, response, requestId } = await client.datasets.create({ name: "headlines" }).withResponse();
    dataset = data;
    const { status, headers } = response;
    const [etag, policy] = [headers.get("etag"), headers.get("ratelimit-policy")];
    return { status, etag, policy, location: headers.get("location") !== null, request_id: requestId ?? "" };
  },

  async repeats() {
    const twice = { idempotencyKey: "once" };
    const first = await client.datasets.create({ name: "again" }, twice);
    const { data, response } = await client.datasets.create({ name: "again" }, twice).withResponse();
    return [data.id === first.id, response.headers.get("idempotency-replayed")];
  },

  async imports() {
    const told: number[][] = [];
    const file = new Blob([lines(ROWS)], { type: "application/x-ndjson" });
    const operation = await client.datasets.imports.create(dataset.id, file, {}, {
      onProgress: ({ loaded, total }) => told.push([loaded, total ?? -1]),
    });
    const states: string[] = [];
    const done = await client.operations.wait(operation, { onProgress: (now) => states.push(now.state) });
    return { size: file.size, told, states, result: done.result };
  },

  async uploads_all_kinds() {
    const text = lines(3, "of another kind");
    const kinds: Record<string, () => Upload> = {
      text: () => text,
      bytes: () => new TextEncoder().encode(text),
      blob: () => new Blob([text]),
      stream: () => new Blob([text]).stream(),
      iterable: () => [text.slice(0, 100), text.slice(100)],
      opener: () => () => new Blob([text]).stream(),
    };
    const own = client.withOptions({ fetch: window.fetch });
    const sent = Object.entries(kinds).map(async ([kind, make]) => [
      kind,
      await uploaded(client, make()),
      await uploaded(client, make(), true),
      await uploaded(own, make(), true),
    ]);
    return { size: new Blob([text]).size, sent: await Promise.all(sent) };
  },

  async pages() {
    const seen = new Set<string>();
    const sizes: number[] = [];
    for await (const page of client.datasets.examples.list(dataset.id, { limit: 1_000 }).pages()) {
      sizes.push(page.data.length);
      for (const { id } of page.data) seen.add(id);
      if (sizes.length === 5) break;
    }
    const first = await client.datasets.examples.list(dataset.id, { limit: 10, count: true });
    return { sizes, ids: seen.size, count: first.count };
  },

  async conflicts() {
    const [mine] = await client.datasets.examples.list(dataset.id).toArray(1);
    if (mine === undefined) throw new Error("there is no example");
    const read = await client.examples.get(mine.id);
    await client.examples.update(read.id, { tags: ["first"] }, { ifMatch: read });
    return refusal(client.examples.update(read.id, { tags: ["late"] }, { ifMatch: read }));
  },

  async is_refused() {
    const nobody = "01890a5d-ac96-774b-bcce-b302099a8057";
    const unknown = new Tuneledger({ ...options, apiKey: `tl_${"x".repeat(30)}` });
    return [
      await refusal(unknown.me()),
      await refusal(client.datasets.get(nobody)),
      await refusal(client.datasets.create({ name: "headlines" })),
      await refusal(client.datasets.examples.create(dataset.id, { content: { messages: [] } })),
      await refusal(client.datasets.imports.create(dataset.id, new Blob(["x".repeat(20_000_000)]))),
      await refusal(
        client.datasets.imports.create(dataset.id, new Blob(["x".repeat(20_000_000)]), {}, { onProgress: () => {} }),
      ),
    ];
  },

  async gives_up() {
    const file = new Blob([new Uint8Array(8_000_000)]);
    const nobody = new Tuneledger({ ...options, baseUrl: "http://127.0.0.1:1", maxRetries: 0 });
    const stop = new AbortController();
    const onProgress = (): void => stop.abort();
    return [
      await failure(client.datasets.imports.create(dataset.id, file, {}, { signal: stop.signal, onProgress })),
      await failure(client.datasets.imports.create(dataset.id, file, {}, { signal: AbortSignal.abort(), onProgress })),
      await failure(client.datasets.imports.create(dataset.id, file, {}, { timeout: 1, maxRetries: 0, onProgress })),
      await failure(nobody.datasets.imports.create(dataset.id, file, {}, { onProgress })),
      await failure(nobody.me()),
    ];
  },

  async exports() {
    const version = await client.datasets.versions.freeze(dataset.id, { name: "v1" });
    const file = client.datasets.export(dataset.id, { version: "v1" });
    let messages = 0;
    for await (const row of file.rows<{ messages: unknown[] }>()) messages += row.messages.length;
    const told: number[] = [];
    const whole = await new Response(await file.stream(({ loaded }) => told.push(loaded))).blob();
    const response = await file.asResponse();
    await response.body?.cancel();
    const name = response.headers.get("content-disposition");
    return { examples: version.examples, messages, size: whole.size, told: told.at(-1), name };
  },

  async follows_over_a_restart() {
    const stream = client.events.stream({ types: ["DatasetCreated"] });
    const seen: string[] = [];
    const following = (async () => {
      for await (const event of stream) if (seen.push(event.stream_id) === 4) return;
    })();
    while (stream.lastEventId === undefined) await pause(20);
    const made = [await client.datasets.create({ name: "before" })];
    while (seen.length === 0) await pause(20);
    await tell("restart", null);
    for (const name of ["after", "later", "last"]) made.push(await client.datasets.create({ name }));
    await following;
    return seen.map((id) => made.find((one) => one.id === id)?.name);
  },

  async verifies_the_log() {
    const sealed = await sealedHead();
    await client.datasets.create({ name: "after the head" });
    const text = await client.events.exportLog().text();
    const keys = await audit.ownKeys([new TextEncoder().encode(text)]);
    const forged = text.replaceAll("DatasetCreated", "DatasetCrested");
    const reports = [];
    for (const log of [text, forged]) {
      reports.push(await verifyLog([new TextEncoder().encode(log)], { keys, kept: [sealed.note] }));
    }
    return reports.map(({ events, findings }) => ({ events, kinds: [...new Set(findings.map(({ kind }) => kind))] }));
  },

  async works_in_a_worker() {
    const program = `
      import { Tuneledger } from "${location.origin}/dist/index.js";
      onmessage = async ({ data: [options, id, text] }) => {
        const client = new Tuneledger(options);
        let loaded = 0;
        try {
          await client.datasets.imports.create(id, text, {}, { onProgress: (now) => { loaded = now.loaded; } });
          postMessage([loaded, (await client.datasets.get(id)).name]);
        } catch (error) { postMessage(String(error)); }
      };`;
    const worker = new Worker(URL.createObjectURL(new Blob([program], { type: "text/javascript" })), { type: "module" });
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage([options, dataset.id, lines(3)]);
    });
  },
};

function lines(count: number, kind = "like any other"): string {
  const row = (at: number) => ({
    messages: [
      { role: "user", content: `Tell me of number ${at}. ${`It is a number ${kind}. `.repeat(8)}` },
      { role: "assistant", content: `${at} follows ${at - 1}` },
    ],
  });
  return Array.from({ length: count }, (_, at) => `${JSON.stringify(row(at))}\n`).join("");
}

/** How many rows of an upload arrived, and how many bytes were told to be through at last. */
async function uploaded(by: Tuneledger, upload: Upload, tell = false): Promise<unknown> {
  let last: number | null = null;
  const onProgress = ({ loaded }: Progress): void => {
    last = loaded;
  };
  const operation = await by.datasets.imports.create(dataset.id, upload, {}, tell ? { onProgress } : {});
  const { added, duplicates } = (await by.operations.wait(operation)).result as Record<string, number>;
  return [(added ?? 0) + (duplicates ?? 0), last];
}

async function refusal(call: PromiseLike<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof APIStatusError)) return String(error);
    const { name, status, code, errors, requestId } = error;
    return [name, status, code, errors.map(({ pointer }) => pointer), requestId !== ""];
  }
}

async function failure(call: PromiseLike<unknown>): Promise<unknown> {
  return call.then(
    () => "none",
    (error: unknown) => (error instanceof TuneledgerError ? error.name : String(error)),
  );
}

async function sealedHead(): Promise<types.LedgerCheckpoint> {
  for (;;) {
    const head = await client.ledger.checkpoint().catch(() => undefined);
    if (head !== undefined) return head;
    await pause(100);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function tell(what: string, value: unknown): Promise<unknown> {
  return (await fetch(`/${what}`, { method: "POST", body: JSON.stringify(value) })).json();
}

async function walk(): Promise<void> {
  const seen: Record<string, unknown> = { browser: navigator.userAgent };
  for (const [name, step] of Object.entries(STEPS)) {
    console.log(`walk: ${name}`);
    seen[name] = await step().catch((error: unknown) => (error instanceof Error ? `${error.stack}` : String(error)));
  }
  await tell("seen", seen);
}

/** A page whose origin the server does not know. */
async function knock(): Promise<void> {
  const once = client.withOptions({ maxRetries: 0 });
  await tell("seen", [await failure(once.me()), await failure(once.datasets.create({ name: "not from here" }))]);
}

await (given.has("stranger") ? knock() : walk());
