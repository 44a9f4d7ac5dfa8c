import type { Operation, ProblemDetails, Tune } from "./generated/types.js";

/** One fault of a request; `pointer` says where. */
export interface Fault {
  pointer: string;
  detail: string;
  code: string;
}

/** The base class of all errors of this client. */
export class TuneledgerError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The server did not answer. */
export class APIConnectionError extends TuneledgerError {}

/** The server did not answer in time. */
export class APITimeoutError extends APIConnectionError {}

/** The caller's signal was aborted. */
export class APIUserAbortError extends TuneledgerError {}

/** The answer cannot be read; a newer client may be needed. */
export class UnexpectedAnswerError extends TuneledgerError {}

/** The operation or tune did not end in time; it continues. */
export class WaitTimeoutError extends TuneledgerError {}

/** The server refused. `code` is stable, `errors` lists each fault, and the server's log has the `requestId`. */
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
    const message = [problem.title, problem.detail, faults].filter(Boolean).join(": ");
    super(`${status} ${message} (code ${problem.code ?? "-"}, request ${requestId || "-"})`);
    this.status = status;
    this.headers = headers;
    this.code = problem.code ?? "";
    this.title = problem.title ?? "";
    this.detail = problem.detail ?? "";
    this.errors = errors;
    this.requestId = requestId;
  }
}

/** 400: the request is malformed. */
export class BadRequestError extends APIStatusError {}
/** 401: the API key is missing, wrong, expired or revoked. */
export class AuthenticationError extends APIStatusError {}
/** 403: the key lacks a scope. */
export class PermissionDeniedError extends APIStatusError {}
/** 404: not found in this workspace. */
export class NotFoundError extends APIStatusError {}
/** 409: it conflicts with the current state. */
export class ConflictError extends APIStatusError {}
/** 412: the resource has changed since the ETag in `ifMatch`. */
export class PreconditionFailedError extends APIStatusError {}
/** 413: the body is larger than the server accepts. */
export class PayloadTooLargeError extends APIStatusError {}
/** 415: the server does not accept this type of body. */
export class UnsupportedMediaTypeError extends APIStatusError {}
/** 422: the request is well-formed but invalid; `errors` says where. */
export class UnprocessableEntityError extends APIStatusError {}
/** 429: too many requests, even after retries. */
export class RateLimitError extends APIStatusError {}
/** 5xx: the server failed, even after retries. */
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

/** Build the error of a refusal; its body may come from a proxy and be no problem document. */
export function statusError(response: Response, text: string): APIStatusError {
  const kind = BY_STATUS[response.status] ?? (response.status >= 500 ? InternalServerError : APIStatusError);
  return new kind(response.status, response.headers, problem(text));
}

function problem(text: string): Partial<ProblemDetails> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

function faultOf({ pointer = "", detail = "", code = "" }: Partial<Fault>): Fault {
  return { pointer, detail, code };
}

interface RowFault {
  line?: number | null;
  pointer?: string;
  detail: string;
}

const MAX_FAULTS = 5; // of an import's rows, in the text of an error

/** A row's fault in one line. */
function describe(fault: RowFault): string {
  const where = [fault.line ? `line ${fault.line}` : "", fault.pointer ?? ""];
  return `- ${where.filter(Boolean).join(" ")}: ${fault.detail}`;
}

function reason(error: object | null): string {
  const details = error as { detail?: string; message?: string; errors?: RowFault[] } | null;
  const faults = (details?.errors ?? []).slice(0, MAX_FAULTS).map(describe);
  return [details?.detail ?? details?.message ?? "no reason given", ...faults].join("\n");
}
