/** A promise of a value that also gives its HTTP response. The request is sent at once. */
export class Call<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = "Call";
  readonly #response: Promise<Response>;
  readonly #read: (response: Response) => Promise<T>;
  #value: Promise<T> | undefined;

  constructor(response: Promise<Response>, read: (response: Response) => Promise<T>) {
    this.#response = response;
    this.#read = read;
  }

  /** The unread response. Refusals still throw. */
  asResponse(): Promise<Response> {
    return this.#response.then((response) => response.clone());
  }

  /** The value, and the response with status and headers. */
  async withResponse(): Promise<{ data: T; response: Response; requestId: string | undefined }> {
    const [data, response] = await Promise.all([this.#parsed(), this.#response]);
    return { data, response, requestId: response.headers.get("x-request-id") ?? undefined };
  }

  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#parsed().then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#parsed().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#parsed().finally(onFinally);
  }

  #parsed(): Promise<T> {
    this.#value ??= this.#response.then((response) => this.#read(response.clone()));
    return this.#value;
  }
}
