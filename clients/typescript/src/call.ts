/** A value on its way: a promise that also gives the HTTP answer which it was read from. It is sent at once. */
export class Call<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = "Call";
  readonly #response: Promise<Response>;
  readonly #read: (response: Response) => Promise<T>;
  #value: Promise<T> | undefined;

  constructor(response: Promise<Response>, read: (response: Response) => Promise<T>) {
    this.#response = response;
    this.#read = read;
  }

  /** The answer as it came, unread. Refusals are errors all the same. */
  asResponse(): Promise<Response> {
    return this.#response.then((response) => response.clone());
  }

  /** The value, and the answer for its status and headers. */
  async withResponse(): Promise<{ data: T; response: Response; requestId: string | undefined }> {
    const [data, response] = await Promise.all([this.#parsed(), this.#response]);
    return { data, response, requestId: response.headers.get("x-request-id") ?? undefined };
  }

  then<A = T, B = never>(
    kept?: ((value: T) => A | PromiseLike<A>) | null,
    broken?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#parsed().then(kept, broken);
  }

  catch<B = never>(broken?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#parsed().catch(broken);
  }

  finally(last?: (() => void) | null): Promise<T> {
    return this.#parsed().finally(last);
  }

  #parsed(): Promise<T> {
    this.#value ??= this.#response.then((response) => this.#read(response.clone()));
    return this.#value;
  }
}
