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
