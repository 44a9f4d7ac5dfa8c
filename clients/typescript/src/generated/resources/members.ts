// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { ChangeOptions, RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class MembersIdentityResource extends Resource {
  /**
   * Link a member to an OpenID Connect subject.
   *
   * Tokens of the subject act as the member from now on, in place of the subject before. Refused for a role above
   * yours, and for a subject that another member is linked to.
   *
   * Scope: `access:write`.
   */
  link(memberId: string, body: types.NewIdentity, options?: ChangeOptions): Call<types.Member> {
    return this.api.call({ method: "PUT", path: `/v1/members/${segment(memberId)}/identity`, body }, options);
  }

  /**
   * Unlink a member from their OpenID Connect subject.
   *
   * No token acts as the member any more: at once in this process, within a second in every other. Refused when nobody
   * could come in as an owner any more.
   *
   * Scope: `access:write`.
   */
  unlink(memberId: string, options?: RequestOptions): Call<types.Member> {
    return this.api.call({ method: "DELETE", path: `/v1/members/${segment(memberId)}/identity` }, options);
  }
}

export class MembersResource extends Resource {
  readonly identity = new MembersIdentityResource(this.api);

  /**
   * List members.
   *
   * Scope: `access:read`.
   */
  list(query?: types.ListMembersQuery, options?: RequestOptions): Pages<types.MemberPage, types.Member> {
    return this.api.pages({ method: "GET", path: "/v1/members", query }, options);
  }

  /**
   * Invite a member.
   *
   * With `key`, the member's first key is created at once, and its secret shown this once.
   *
   * Scope: `access:write`.
   */
  invite(body: types.NewMember, options?: RequestOptions): Call<types.MemberWithKey> {
    return this.api.call({ method: "POST", path: "/v1/members", body }, options);
  }

  /**
   * Read a member, now or as of a time.
   *
   * Scope: `access:read`.
   */
  get(memberId: string, query?: types.GetMemberQuery, options?: RequestOptions): Call<types.Member> {
    return this.api.call({ method: "GET", path: `/v1/members/${segment(memberId)}`, query }, options);
  }

  /**
   * Change a member's role, kind or e-mail.
   *
   * Refused for a role above yours, and when nobody could come in as an owner any more.
   *
   * Scope: `access:write`.
   */
  update(memberId: string, body: types.MemberChanges, options?: ChangeOptions): Call<types.Member> {
    return this.api.call({ method: "PATCH", path: `/v1/members/${segment(memberId)}`, body }, options);
  }

  /**
   * List a member's history.
   *
   * Scope: `access:read`.
   */
  history(
    memberId: string,
    query?: types.ListMemberHistoryQuery,
    options?: RequestOptions,
  ): Pages<types.HistoryPage, types.HistoryEntry> {
    return this.api.pages({ method: "GET", path: `/v1/members/${segment(memberId)}/history`, query }, options);
  }

  /**
   * Let the keys of a suspended member work again.
   *
   * Scope: `access:write`.
   */
  reinstate(memberId: string, body: types.Because, options?: RequestOptions): Call<types.Member> {
    return this.api.call({ method: "POST", path: `/v1/members/${segment(memberId)}/reinstate`, body }, options);
  }

  /**
   * Stop all keys of a member.
   *
   * All keys of the member stop working within a second. Refused when nobody could come in as an owner any more.
   *
   * Scope: `access:write`.
   */
  suspend(memberId: string, body: types.Because, options?: RequestOptions): Call<types.Member> {
    return this.api.call({ method: "POST", path: `/v1/members/${segment(memberId)}/suspend`, body }, options);
  }
}
