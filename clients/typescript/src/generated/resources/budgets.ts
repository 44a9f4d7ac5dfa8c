// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class BudgetsResource extends Resource {
  /**
   * List budgets and what is spent of them.
   *
   * A request for tunes that would go beyond one of them is refused with 422.
   *
   * Scope: `tunes:read`.
   */
  list(options?: RequestOptions): Call<types.TuneBudgets> {
    return this.api.call({ method: "GET", path: "/v1/budgets" }, options);
  }

  /**
   * Set a monthly budget.
   *
   * Of the whole workspace, or of one model. It replaces the one there is.
   *
   * Scope: `connections:write`.
   */
  set(body: types.NewBudget, options?: RequestOptions): Call<types.TuneBudget> {
    return this.api.call({ method: "PUT", path: "/v1/budgets", body }, options);
  }

  /**
   * Remove a budget.
   *
   * Scope: `connections:write`.
   */
  remove(budgetId: string, options?: RequestOptions): Call<void> {
    return this.api.nothing({ method: "DELETE", path: `/v1/budgets/${segment(budgetId)}` }, options);
  }
}
