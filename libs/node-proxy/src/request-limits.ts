import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { NodeProxyError } from './node-proxy-error.js';

export interface RequestLimits {
  /** How long a node may take to accept the connection, in milliseconds. */
  readonly connectMs: number;
  /** How long a node may be silent, in milliseconds; above the time for which it holds a long poll. */
  readonly responseMs: number;
}

/** Destroys the request with a `NodeProxyError` when a limit is exceeded. */
export function limitRequest(outgoing: ClientRequest, { connectMs, responseMs }: RequestLimits): void {
  limitConnect(outgoing, connectMs);
  outgoing.setTimeout(responseMs, () => {
    outgoing.destroy(new NodeProxyError('timeout', `The node has been silent for ${responseMs} ms.`));
  });
}

/** Without it, a machine that is switched off would hold a request until the operating system gives up, minutes later. */
function limitConnect(outgoing: ClientRequest, connectMs: number): void {
  const start = (socket: Socket): void => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => {
      outgoing.destroy(new NodeProxyError('unreachable', `The node did not accept within ${connectMs} ms.`));
    }, connectMs);
    const stop = (): void => clearTimeout(timer);
    socket.once('connect', stop);
    socket.once('close', stop);
  };
  if (outgoing.socket) start(outgoing.socket);
  else outgoing.once('socket', start);
}
