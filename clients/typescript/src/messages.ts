/** One message of a stream; `event` is its name, by default `message`. */
export interface Message {
  event: string;
  data: string;
}

/** Parses lines into messages: https://html.spec.whatwg.org/multipage/server-sent-events.html. */
export class Reader {
  lastEventId: string | undefined;
  /** The server's retry delay in milliseconds. */
  retry: number | undefined;
  #id: string | undefined;
  #event = "";
  #data: string[] = [];

  constructor(lastEventId?: string) {
    this.lastEventId = this.#id = lastEventId;
  }

  /** The message that this line (without line end) completes. */
  feed(line: string): Message | undefined {
    if (line === "") return this.#complete();
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    this.#take(name, colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, ""));
    return undefined;
  }

  /** Drop an incomplete message. It comes again, because its id was not remembered. */
  forget(): void {
    this.#id = this.lastEventId;
    this.#event = "";
    this.#data = [];
  }

  #take(name: string, value: string): void {
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#event = value;
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
  }

  #complete(): Message | undefined {
    this.lastEventId = this.#id;
    const [event, data] = [this.#event || "message", this.#data];
    this.#event = "";
    this.#data = [];
    return data.length > 0 ? { event, data: data.join("\n") } : undefined;
  }
}
