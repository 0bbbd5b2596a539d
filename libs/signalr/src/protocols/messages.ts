/** Text headers that some clients send along with a message; accepted and not read. */
export type MessageHeaders = Readonly<Record<string, string>>;

/** Calls a method. Without `invocationId` nobody waits for the result. */
export interface Invocation {
  readonly type: 'invocation';
  readonly invocationId?: string;
  readonly target: string;
  readonly args: readonly unknown[];
  /** Streams that the caller sends, in the order of the parameters that take them. */
  readonly streamIds?: readonly string[];
}

/** Calls a method whose result is a stream. */
export interface StreamInvocation {
  readonly type: 'stream-invocation';
  readonly invocationId: string;
  readonly target: string;
  readonly args: readonly unknown[];
  readonly streamIds?: readonly string[];
}

export interface StreamItem {
  readonly type: 'stream-item';
  readonly invocationId: string;
  readonly item: unknown;
}

/** The end of an invocation or stream. At most one of `result` and `error`; `hasResult` tells a result that is `null` from none. */
export interface Completion {
  readonly type: 'completion';
  readonly invocationId: string;
  readonly error?: string;
  readonly hasResult?: boolean;
  readonly result?: unknown;
}

export interface CancelInvocation {
  readonly type: 'cancel-invocation';
  readonly invocationId: string;
}

export interface Ping {
  readonly type: 'ping';
}

export interface Close {
  readonly type: 'close';
  readonly error?: string;
  readonly allowReconnect?: boolean;
}

/** Everything up to this message has been received. Stateful reconnect only. */
export interface Ack {
  readonly type: 'ack';
  readonly sequenceId: number;
}

/** The number of the first message that follows. Stateful reconnect only. */
export interface Sequence {
  readonly type: 'sequence';
  readonly sequenceId: number;
}

/** Invocation whose arguments could not be read: answered like a failed call, not like broken framing. */
export interface BindingFailure {
  readonly type: 'binding-failure';
  readonly invocationId?: string;
  readonly target: string;
  readonly reason: string;
}

export type HubMessage =
  Invocation | StreamInvocation | StreamItem | Completion | CancelInvocation | Ping | Close | Ack | Sequence;
