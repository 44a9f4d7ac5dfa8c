import type { Call } from "./call.js";

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

/**
 * A list. `for await` gives every item and fetches pages as they are needed; `await` gives the first page.
 *
 * Nothing is sent before either.
 */
export class Pages<P extends Page<T>, T> implements PromiseLike<P>, AsyncIterable<T> {
  readonly #fetch: (cursor: string | undefined) => Call<P>;

  constructor(fetch: (cursor: string | undefined) => Call<P>) {
    this.#fetch = fetch;
  }

  /** The first page, with its `next_cursor` and its `count` if requested. */
  first(): Call<P> {
    return this.#fetch(undefined);
  }

  async *pages(): AsyncGenerator<P, void, undefined> {
    for (let cursor: string | undefined; ; ) {
      const page: P = await this.#fetch(cursor);
      yield page;
      if (page.next_cursor === null) return;
      cursor = page.next_cursor;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* page.data;
  }

  /** All items, or at most `limit`, in memory. */
  async toArray(limit = Infinity): Promise<T[]> {
    const items: T[] = [];
    if (limit <= 0) return items;
    for await (const item of this) {
      items.push(item);
      if (items.length >= limit) break;
    }
    return items;
  }

  then<A = P, B = never>(
    kept?: ((value: P) => A | PromiseLike<A>) | null,
    broken?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.first().then(kept, broken);
  }
}
