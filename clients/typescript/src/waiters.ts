import { OperationFailedError, TuneFailedError, WaitTimeoutError } from "./errors.js";
import type { Operation, Tune } from "./generated/types.js";
import type { RequestOptions } from "./options.js";
import { Resource, segment } from "./resource.js";

const LONG_POLL = 20;
const SHORT_POLL = 1;
const ENDED: readonly string[] = ["succeeded", "failed", "cancelled"];

export interface WaitOptions {
  /** Milliseconds to wait at most. */
  timeout?: number;
  /** Whether to throw if it failed or was cancelled; the default. */
  check?: boolean;
  signal?: AbortSignal;
}

export interface OperationWaitOptions extends WaitOptions {
  /** Called with the operation when it changes. */
  onProgress?: (operation: Operation) => void;
}

export interface TuneWaitOptions extends WaitOptions {
  /** Wait until it has ended, the default, or until it is registered as a version, where it gets one. */
  until?: "ended" | "registered";
  /** Called with the tune when it changes. */
  onChange?: (tune: Tune) => void;
  /** Milliseconds between two polls, with `onChange`. */
  interval?: number;
}

/** Adds `wait` to the operations. */
export class WaitsForOperations extends Resource {
  /**
   * Wait until an operation (or its id) has ended.
   *
   * Throws OperationFailedError if it failed or was cancelled, and WaitTimeoutError after `timeout`.
   */
  async wait(operation: Operation | string, options: OperationWaitOptions = {}): Promise<Operation> {
    const id = typeof operation === "string" ? operation : operation.id;
    const longest = options.onProgress === undefined ? LONG_POLL : SHORT_POLL;
    const ends = Date.now() + (options.timeout ?? Infinity);
    const changed = onlyChanges(options.onProgress);
    for (;;) {
      const wait = Math.max(0, Math.min(longest, (ends - Date.now()) / 1_000));
      const request = { method: "GET", path: `/v1/operations/${segment(id)}`, query: { wait } } as const;
      const latest = await this.api.call<Operation>(request, signalOf(options));
      changed(latest);
      if (ENDED.includes(latest.state)) {
        if ((options.check ?? true) && latest.state !== "succeeded") throw new OperationFailedError(latest);
        return latest;
      }
      if (Date.now() >= ends) throw new WaitTimeoutError(`operation ${id} is ${latest.state}`);
    }
  }
}

/** Adds `wait` to the tunes. */
export class WaitsForTunes extends Resource {
  /**
   * Wait until a tune (or its id) has ended, or `until` it is registered.
   *
   * Throws TuneFailedError if it failed or was cancelled, and WaitTimeoutError after `timeout`.
   */
  async wait(tune: Tune | string, options: TuneWaitOptions = {}): Promise<Tune> {
    const id = typeof tune === "string" ? tune : tune.id;
    const until = options.until ?? "ended";
    const longest = options.onChange === undefined ? LONG_POLL : Math.min((options.interval ?? 5_000) / 1_000, LONG_POLL);
    const ends = Date.now() + (options.timeout ?? Infinity);
    const changed = onlyChanges(options.onChange);
    for (let first = options.onChange !== undefined; ; first = false) {
      const wait = first ? 0 : Math.max(0, Math.min(longest, (ends - Date.now()) / 1_000));
      const request = { method: "GET", path: `/v1/tunes/${segment(id)}`, query: { wait, until } } as const;
      const latest = await this.api.call<Tune>(request, signalOf(options));
      changed(latest);
      if (isReached(latest, until)) {
        if ((options.check ?? true) && latest.state !== "succeeded") throw new TuneFailedError(latest);
        return latest;
      }
      if (Date.now() >= ends) throw new WaitTimeoutError(`tune ${id} is ${latest.state}`);
    }
  }
}

/** Whether a tune has ended, and has its version where it gets one. */
function isReached(tune: Tune, until: "ended" | "registered"): boolean {
  const willRegister = until === "registered" && tune.state === "succeeded" && tune.model !== null;
  return ENDED.includes(tune.state) && (!willRegister || tune.model_version !== null);
}

/** Call `onChange` only with values that differ from the last one. */
function onlyChanges<T>(onChange: ((value: T) => void) | undefined): (value: T) => void {
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
