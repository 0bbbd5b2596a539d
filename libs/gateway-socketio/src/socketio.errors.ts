import type { ErrorCode, ErrorReply, HubError } from '@ringback/contract';

/** Longest part of a method's name that is repeated to whoever called it. */
const MAX_METHOD_CHARACTERS = 64;

/** What `HubError` says to a client that asked for no reply. */
export interface ErrorNotice {
  readonly code: ErrorCode;
  readonly message: string;
  readonly method: string;
}

/** What a refused client finds as `error.data` of its `connect_error`. */
export interface ConnectErrorData {
  readonly code: ErrorCode;
  readonly message: string;
}

/** The error that Socket.IO hands to a refused client as `connect_error`. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly data: ConnectErrorData;

  constructor({ code, message }: HubError) {
    super(message);
    this.data = { code, message };
  }
}

/** The acknowledgement of a command that failed. */
export function errorReply({ code, message }: HubError): ErrorReply {
  return { ok: false, code, message };
}

/** The same where the client asked for no acknowledgement. */
export function errorNotice({ code, message }: HubError, method: unknown): ErrorNotice {
  return { code, message, method: String(method).slice(0, MAX_METHOD_CHARACTERS) };
}
