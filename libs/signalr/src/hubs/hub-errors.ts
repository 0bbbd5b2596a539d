import { ProtocolError } from '../protocols/hub-protocol.js';

/** Thrown by a hub method to tell the caller why: its message reaches the client even without detailed errors. */
export class HubException extends Error {
  override readonly name = 'HubException';
}

/** Arguments that do not fit the method. */
export class InvalidDataException extends Error {
  override readonly name = 'InvalidDataException';
}

/** Something was given up, because of a time limit or a closed connection. */
export class OperationCanceledException extends Error {
  override readonly name = 'OperationCanceledException';
}

const describe = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : `Error: ${String(error)}`;

/** Appends what happened, if the client may know: always for a hub exception, else only with detailed errors. */
export const withDetails = (text: string, error: unknown, detailedErrors: boolean): string =>
  detailedErrors || error instanceof HubException ? `${text} ${describe(error)}` : text;

/** The texts that clients know, as .NET words them. */
export const errorTexts = {
  failedToInvoke: (target: string) => `Failed to invoke '${target}' due to an error on the server.`,
  unexpected: (target: string) => `An unexpected error occurred invoking '${target}' on the server.`,
  unauthorized: (target: string) => `Failed to invoke '${target}' because user is unauthorized`,
  needsStreaming: (target: string) =>
    `The client attempted to invoke the streaming '${target}' method with a non-streaming invocation.`,
  needsNoStreaming: (target: string) =>
    `The client attempted to invoke the non-streaming '${target}' method with a streaming invocation.`,
  streaming: 'An error occurred on the server while streaming results.',
  idInUse: (invocationId: string) => `Invocation ID '${invocationId}' is already in use.`,
  closed: 'Connection closed with an error.',
} as const;

/** What a client is told as its connection is closed: a message that it got wrong counts as wrong data. */
export const closedWithError = (error: unknown, detailedErrors: boolean): string => {
  const known = error instanceof ProtocolError ? new InvalidDataException(error.message) : error;
  return withDetails(errorTexts.closed, known, detailedErrors);
};

/** No method of that name. */
export const unknownMethod = () => new HubException('Method does not exist.');

/** The call carries more or fewer arguments than the method takes. */
export const wrongArity = (given: number, expected: number) =>
  new InvalidDataException(`Invocation provides ${given} argument(s) but target expects ${expected}.`);

/** The call carries more or fewer upload streams than the method takes. */
export const wrongUploads = (given: number, expected: number) =>
  new HubException(`Client sent ${given} stream(s), Hub method expects ${expected}.`);

const bindingHint =
  'Make sure that the types of the provided values match the types of the hub method being invoked.';

/** An argument is not of the type that the method wants; MessagePack tells which one. */
export const wrongType = (protocolName: string, index: number) =>
  new InvalidDataException(
    protocolName === 'messagepack'
      ? `Error binding argument ${index + 1}. ${bindingHint}`
      : `Error binding arguments. ${bindingHint}`,
  );

/** The client said nothing for too long. */
export const clientTimedOut = () =>
  new OperationCanceledException(
    "Client hasn't sent a message/ping within the configured ClientTimeoutInterval.",
  );

/** A client result was asked of a connection that nobody knows. */
export const noSuchConnection = (connectionId: string) =>
  new Error(`Connection '${connectionId}' does not exist.`);

/** The connection went away before it answered. */
export const connectionGone = (connectionId: string) =>
  new Error(`Connection '${connectionId}' disconnected.`);
