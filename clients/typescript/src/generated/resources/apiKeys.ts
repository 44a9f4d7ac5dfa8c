// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class ApiKeysResource extends Resource {
  /**
   * List API keys.
   *
   * Scope: `access:read`.
   */
  list(query?: types.ListApiKeysQuery, options?: RequestOptions): Pages<types.ApiKeyPage, types.ApiKey> {
    return this.api.pages({ method: "GET", path: "/v1/api-keys", query }, options);
  }

  /**
   * Create an API key.
   *
   * Scope: `access:write`.
   */
  create(body: types.NewApiKey, options?: RequestOptions): Call<types.ApiKeyWithSecret> {
    return this.api.call({ method: "POST", path: "/v1/api-keys", body }, options);
  }

  /**
   * Read an API key, without its secret.
   *
   * Scope: `access:read`.
   */
  get(keyId: string, options?: RequestOptions): Call<types.ApiKey> {
    return this.api.call({ method: "GET", path: `/v1/api-keys/${segment(keyId)}` }, options);
  }

  /**
   * Revoke an API key.
   *
   * Refused for a key that can do more than yours, and when nobody could come in as an owner any more.
   *
   * Scope: `access:write`.
   */
  revoke(keyId: string, options?: RequestOptions): Call<types.ApiKey> {
    return this.api.call({ method: "DELETE", path: `/v1/api-keys/${segment(keyId)}` }, options);
  }

  /**
   * Replace an API key by a new one.
   *
   * The new key has the same member, name and scopes. Ratings, labels and queues stay the member's.
   *
   * Scope: `access:write`.
   */
  rotate(keyId: string, body: types.Rotation, options?: RequestOptions): Call<types.ApiKeyWithSecret> {
    return this.api.call({ method: "POST", path: `/v1/api-keys/${segment(keyId)}/rotate`, body }, options);
  }
}
