import type { BindingFailure, HubMessage } from '../protocols/messages.js';
import type { HubCalls } from './hub-calls.js';

/** Gives one message to whom it concerns. What is answered settles once the next one may be looked at. */
export const dispatch = (
  message: HubMessage | BindingFailure,
  calls: HubCalls,
  leave: () => void,
): Promise<void> | undefined => {
  switch (message.type) {
    case 'invocation':
    case 'stream-invocation':
      return calls.call(message);
    case 'stream-item':
      return calls.uploads.item(message);
    case 'completion':
      calls.uploads.complete(message);
      return undefined;
    case 'cancel-invocation':
      calls.cancel(message.invocationId);
      return undefined;
    case 'binding-failure':
      calls.answers.failBinding(message);
      return undefined;
    case 'close':
      leave();
      return undefined;
    default:
      return undefined; // pings, acks and sequences are dealt with before they would wait in line
  }
};
