import { OperationFailedError, TuneFailedError, WaitTimeoutError } from "./errors.js";
import type { Operation, Tune } from "./generated/types.js";
import type { RequestOptions } from "./options.js";
import { Resource, segment } from "./resource.js";
import { sleep } from "./retries.js";

const LONG_POLL = 20;
const LOOK_AGAIN = 1;
const ENDED: readonly string[] = ["succeeded", "failed", "cancelled"];

export interface WaitOptions {
  /** Milliseconds to wait at the most. */
  timeout?: number;
  /** Whether failed and cancelled are errors; they are by default. */
  check?: boolean;
  signal?: AbortSignal;
}

export interface OperationWaitOptions extends WaitOptions {
  /** Called with the operation whenever it has changed. */
  onProgress?: (operation: Operation) => void;
}

export interface TuneWaitOptions extends WaitOptions {
  /** Called with the tune whenever it has changed. */
  onChange?: (tune: Tune) => void;
  /** Milliseconds between two looks. */
  interval?: number;
}

/** Operations that can be waited for. */
export class WaitsForOperations extends Resource {
  /**
   * Wait until an operation, given by itself or its id, has ended.
   *
   * Throws OperationFailedError when it failed or was cancelled, and WaitTimeoutError after `timeout`.
   */
  async wait(operation: Operation | string, options: OperationWaitOptions = {}): Promise<Operation> {
    const id = typeof operation === "string" ? operation : operation.id;
    const longest = options.onProgress === undefined ? LONG_POLL : LOOK_AGAIN;
    const ends = Date.now() + (options.timeout ?? Infinity);
    const changed = telling(options.onProgress);
    for (;;) {
      const wait = Math.max(0, Math.min(longest, (ends - Date.now()) / 1_000));
      const request = { method: "GET", path: `/v1/operations/${segment(id)}`, query: { wait } } as const;
      const found = await this.api.call<Operation>(request, signalOf(options));
      changed(found);
      if (ENDED.includes(found.state)) {
        if ((options.check ?? true) && found.state !== "succeeded") throw new OperationFailedError(found);
        return found;
      }
      if (Date.now() >= ends) throw new WaitTimeoutError(`operation ${id} is ${found.state}`);
    }
  }
}

/** Tunes that can be waited for. */
export class WaitsForTunes extends Resource {
  /**
   * Wait until a tune, given by itself or its id, has ended; it is looked at every `interval` milliseconds.
   *
   * Throws TuneFailedError when it failed or was cancelled, and WaitTimeoutError after `timeout`.
   */
  async wait(tune: Tune | string, options: TuneWaitOptions = {}): Promise<Tune> {
    const id = typeof tune === "string" ? tune : tune.id;
    const ends = Date.now() + (options.timeout ?? Infinity);
    const changed = telling(options.onChange);
    for (;;) {
      const request = { method: "GET", path: `/v1/tunes/${segment(id)}` } as const;
      const found = await this.api.call<Tune>(request, signalOf(options));
      changed(found);
      if (ENDED.includes(found.state)) {
        if ((options.check ?? true) && found.state !== "succeeded") throw new TuneFailedError(found);
        return found;
      }
      if (Date.now() >= ends) throw new WaitTimeoutError(`tune ${id} is ${found.state}`);
      await sleep(Math.min(options.interval ?? 5_000, ends - Date.now()), options.signal);
    }
  }
}

/** Tells of what is not as it was told last. */
function telling<T>(onChange: ((value: T) => void) | undefined): (value: T) => void {
  let last = "";
  return (value) => {
    const text = JSON.stringify(value);
    if (text !== last) onChange?.(value);
    last = text;
  };
}

function signalOf(options: { signal?: AbortSignal }): RequestOptions {
  return options.signal === undefined ? {} : { signal: options.signal };
}
