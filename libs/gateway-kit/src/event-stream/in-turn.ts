import type { IncomingMessage } from 'node:http';
import type { InboundControl } from '../inbound-control.js';
import type { InboundQueue } from '../inbound-queue.js';

/** Works on the request for a stream when it is its turn among all that clients send. Resolves, or rejects, as the work does. */
export function inTurn(
  control: InboundControl,
  gateway: string,
  { socket, url = '' }: IncomingMessage,
  work: (inbound: InboundQueue) => Promise<void>,
): Promise<void> {
  const inbound = control.open({
    gateway,
    get bufferedBytes() {
      return socket.writableLength;
    },
    // An EventSource sends nothing more; what says that it is gone is still to be heard.
    pause: () => undefined,
    resume: () => undefined,
  });
  return new Promise((resolve, reject) => {
    inbound.add(url.length, () => void work(inbound).then(resolve, reject));
  });
}
