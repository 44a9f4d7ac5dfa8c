import type { Operation, ProblemDetails, Tune } from "./generated/types.js";

/** One thing that is wrong with a request; `pointer` says where in it. */
export interface Fault {
  pointer: string;
  detail: string;
  code: string;
}

/** Anything this client throws on its own account. */
export class TuneledgerError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** There was no answer. */
export class APIConnectionError extends TuneledgerError {}

/** There was no answer in time. */
export class APITimeoutError extends APIConnectionError {}

/** The caller's signal was aborted. */
export class APIUserAbortError extends TuneledgerError {}

/** The server answered what this client cannot read. A newer client may be needed. */
export class UnexpectedAnswerError extends TuneledgerError {}

/** What was waited for had not ended in time; it goes on. */
export class WaitTimeoutError extends TuneledgerError {}

/** The server refused. `code` is stable and for programs, `errors` names each fault, `requestId` finds the log. */
export class APIStatusError extends TuneledgerError {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly Fault[];
  readonly requestId: string;
  readonly headers: Headers;

  constructor(status: number, headers: Headers, problem: Partial<ProblemDetails>) {
    const errors = (problem.errors ?? []).map(faultOf);
    const requestId = problem.request_id ?? headers.get("x-request-id") ?? "";
    const faults = errors.map((fault) => `${fault.pointer}: ${fault.detail}`).join("; ");
    const said = [problem.title, problem.detail, faults].filter(Boolean).join(": ");
    super(`${status} ${said} (code ${problem.code ?? "-"}, request ${requestId || "-"})`);
    this.status = status;
    this.headers = headers;
    this.code = problem.code ?? "";
    this.title = problem.title ?? "";
    this.detail = problem.detail ?? "";
    this.errors = errors;
    this.requestId = requestId;
  }
}

/** 400: the request makes no sense. */
export class BadRequestError extends APIStatusError {}
/** 401: the API key is missing, wrong, expired or revoked. */
export class AuthenticationError extends APIStatusError {}
/** 403: the key lacks a scope. */
export class PermissionDeniedError extends APIStatusError {}
/** 404: there is no such thing in this workspace. */
export class NotFoundError extends APIStatusError {}
/** 409: what is there now does not allow it. */
export class ConflictError extends APIStatusError {}
/** 412: the resource has changed since the ETag in `ifMatch`. */
export class PreconditionFailedError extends APIStatusError {}
/** 413: the body is larger than the server takes. */
export class PayloadTooLargeError extends APIStatusError {}
/** 415: the body is of a kind the server does not take. */
export class UnsupportedMediaTypeError extends APIStatusError {}
/** 422: the request is well formed and wrong; `errors` says where. */
export class UnprocessableEntityError extends APIStatusError {}
/** 429: too many requests, also after the retries. */
export class RateLimitError extends APIStatusError {}
/** 5xx: the server failed, also after the retries. */
export class InternalServerError extends APIStatusError {}

/** The operation failed or was cancelled. */
export class OperationFailedError extends TuneledgerError {
  readonly operation: Operation;

  constructor(operation: Operation) {
    super(`operation ${operation.id} ${operation.state}: ${reason(operation.error)}`);
    this.operation = operation;
  }
}

/** The tune failed or was cancelled. */
export class TuneFailedError extends TuneledgerError {
  readonly tune: Tune;

  constructor(tune: Tune) {
    super(`tune ${tune.id} ${tune.state}: ${reason(tune.error)}`);
    this.tune = tune;
  }
}

const BY_STATUS: Record<number, typeof APIStatusError> = {
  400: BadRequestError,
  401: AuthenticationError,
  403: PermissionDeniedError,
  404: NotFoundError,
  409: ConflictError,
  412: PreconditionFailedError,
  413: PayloadTooLargeError,
  415: UnsupportedMediaTypeError,
  422: UnprocessableEntityError,
  429: RateLimitError,
};

/** The error of a refusal, whose body may be of somebody on the way and no problem of ours. */
export function statusError(response: Response, text: string): APIStatusError {
  const kind = BY_STATUS[response.status] ?? (response.status >= 500 ? InternalServerError : APIStatusError);
  return new kind(response.status, response.headers, problem(text));
}

function problem(text: string): Partial<ProblemDetails> {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null ? read : {};
  } catch {
    return {};
  }
}

function faultOf({ pointer = "", detail = "", code = "" }: Partial<Fault>): Fault {
  return { pointer, detail, code };
}

function reason(error: object | null): string {
  const told = error as { detail?: string; message?: string } | null;
  return told?.detail ?? told?.message ?? "no reason was told";
}
