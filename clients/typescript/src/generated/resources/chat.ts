// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import { Resource } from "../../resource.js";
import type * as types from "../types.js";

export class ChatCompletionsResource extends Resource {
  /**
   * Create a chat completion and log it.
   *
   * Any client of OpenAI's works, with `/v1` as its base URL and an API key of ours; errors have OpenAI's `error`.
   *
   * `X-Logged-Request-Id` names the logged request, for feedback. A client that hangs up half-way is logged as well.
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
