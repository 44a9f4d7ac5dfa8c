// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import { Resource } from "../../resource.js";
import type * as types from "../types.js";

export class ChatCompletionsResource extends Resource {
  /**
   * Create a chat completion and log it.
   *
   * Works with OpenAI's clients: `/v1` as base URL, and an API key of Tuneledger. Errors include OpenAI's `error`.
   *
   * A provider's 4xx is passed on with its status, code and param; but its 401, which is about the connection's key, is
   * a 502 with the code `provider_key_refused`. `metadata` reaches the provider only with `store`; the log has it.
   * `X-Logged-Request-Id` is the logged request's id, for feedback. A call is logged even if the client disconnects.
   *
   * Scope: `models:run`.
   */
  create(body: types.ChatCompletionRequest, options?: RequestOptions): Call<types.ChatCompletion> {
    return this.api.call({ method: "POST", path: "/v1/chat/completions", body }, options);
  }
}

export class ChatResource extends Resource {
  readonly completions = new ChatCompletionsResource(this.api);
}
