import type { Duplex } from 'node:stream';
import type { Pausable } from './flow-control.js';

/** Where the bytes of one client come from. */
export interface InboundSource extends Pausable {
  /** Bytes that were sent to the client and that it has not taken yet. */
  readonly bufferedBytes: number;
  /** The socket that what is sent to the client is written to, if it has one of its own. */
  readonly carrier?: Duplex | undefined;
}

/**
 * When what a client sends is worked on. An application may bring its own, to share its time among its clients: what it puts off waits in order, and it
 * may pause the source meanwhile, as long as it likes. The silence of a client that is paused does not count.
 */
export interface InboundFlow {
  /** Bytes that wait. */
  readonly waitingBytes: number;
  /** Calls `work`, now or later, until it answers that there is no more of it: each time it does the work of about one message. */
  add(bytes: number, work: () => boolean): void;
  /** No more will come: calls `onFinished` when what waits is done. */
  finish(onFinished: () => void): void;
  /** Nothing that waits is done any more. */
  close(): void;
  /** The client has called what there is not, or with other arguments. */
  onUnboundCall?(): void;
}

/** Puts nothing off. */
export const immediateFlow: InboundFlow = {
  waitingBytes: 0,
  add: (_bytes, work) => {
    while (work());
  },
  finish: (onFinished) => onFinished(),
  close: () => {},
};
