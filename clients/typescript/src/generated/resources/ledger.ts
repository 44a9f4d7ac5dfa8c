// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class LedgerTilesResource extends Resource {
  /**
   * Get a tile of the audit tree: 256 hashes.
   *
   * A full tile never changes, so it may be cached forever. 404 while a tile is not full.
   *
   * Scope: `audit:read`.
   */
  get(level: number, number: number, options?: RequestOptions): Call<types.Tile> {
    return this.api.call({
      method: "GET",
      path: `/v1/ledger/tiles/${segment(level)}/${segment(number)}`,
    }, options);
  }
}

export class LedgerResource extends Resource {
  readonly tiles = new LedgerTilesResource(this.api);

  /**
   * Get the latest signed checkpoint of the log.
   *
   * A worker signs new events within seconds. 404 until the first event is sealed.
   *
   * Scope: `audit:read`.
   */
  checkpoint(options?: RequestOptions): Call<types.LedgerCheckpoint> {
    return this.api.call({ method: "GET", path: "/v1/ledger/checkpoint" }, options);
  }

  /**
   * Prove that the log only grew.
   *
   * Scope: `audit:read`.
   */
  proveGrowth(query: types.ProveGrowthQuery, options?: RequestOptions): Call<types.ConsistencyProof> {
    return this.api.call({ method: "GET", path: "/v1/ledger/proofs/consistency", query }, options);
  }

  /**
   * Prove that an event is in the log.
   *
   * Scope: `audit:read`.
   */
  proveEvent(query: types.ProveEventQuery, options?: RequestOptions): Call<types.InclusionProof> {
    return this.api.call({ method: "GET", path: "/v1/ledger/proofs/inclusion", query }, options);
  }
}
