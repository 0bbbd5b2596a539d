/** A WebSocket of `ws` that answers no ping by itself. */
export interface PingedSocket {
  readonly readyState: number;
  on(event: 'ping', listener: (this: PingedSocket, data: Buffer) => void): unknown;
  pong(data: Buffer, mask: boolean, onSent: () => void): void;
}

const OPEN = 1;

/** Those that wait for a pong, and what they have sent with their last ping. */
const pinged = new Map<PingedSocket, Buffer>();

/** A write to a socket that is closing fails; its close event says the same. */
const reportedByClose = (): void => undefined;

/** Answers the pings of the client: however many come in one turn of the event loop, the last one of them (RFC 6455 §5.5.3). */
export function answerPings(webSocket: PingedSocket): void {
  webSocket.on('ping', onPing);
}

function onPing(this: PingedSocket, data: Buffer): void {
  if (pinged.size === 0) setImmediate(answerAll);
  pinged.set(this, data);
}

function answerAll(): void {
  for (const [webSocket, data] of pinged)
    if (webSocket.readyState === OPEN) webSocket.pong(data, false, reportedByClose);
  pinged.clear();
}
