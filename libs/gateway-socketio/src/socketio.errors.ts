import type { ErrorCode, ErrorReply, HubError } from '@ringback/contract';

/** Longest part of a method's name that is repeated to who asked for it. */
const METHOD_CHARACTERS = 64;

const STATUSES: ReadonlyMap<ErrorCode, number> = new Map([
  ['bad-request', 400],
  ['forbidden', 403],
  ['not-found', 404],
  ['transport-session-not-found', 404],
  ['method-not-allowed', 405],
]);

/** What `HubError` says to a client that asked for no reply. */
export interface ErrorNotice {
  readonly code: ErrorCode;
  readonly message: string;
  readonly method: string;
}

/** What a refused client finds as `error.data` of its `connect_error`. */
export interface RefusalData {
  readonly code: ErrorCode;
  readonly message: string;
}

/** The error that Socket.IO hands to a refused client as `connect_error`. */
export class ConnectRefusal extends Error {
  override readonly name = 'ConnectRefusal';
  readonly data: RefusalData;

  constructor({ code, message }: HubError) {
    super(message);
    this.data = { code, message };
  }
}

/** The acknowledgement of a command that went wrong. */
export function errorReply({ code, message }: HubError): ErrorReply {
  return { ok: false, code, message };
}

/** The same where the client asked for no acknowledgement. */
export function errorNotice({ code, message }: HubError, method: unknown): ErrorNotice {
  return { code, message, method: String(method).slice(0, METHOD_CHARACTERS) };
}

/** The HTTP status of a request that Engine.IO does not get to see. */
export function httpStatus(code: ErrorCode): number {
  return STATUSES.get(code) ?? 503;
}
