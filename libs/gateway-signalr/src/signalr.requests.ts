import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Each answers whether the request was its own. */
export interface RequestHandlers {
  request(request: IncomingMessage, response: ServerResponse): boolean;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
}

const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/** Asks the handlers first; what is not theirs goes to whoever listened before. An upgrade is left to nobody. */
export function takeRequests(server: Server, handlers: RequestHandlers): void {
  const requestOthers = takeOver(server, 'request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!handlers.request(request, response)) requestOthers(request, response);
  });
  const upgradeOthers = takeOver(server, 'upgrade');
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (handlers.upgrade(request, socket, head) || upgradeOthers(request, socket, head)) return;
    socket.on('error', () => socket.destroy()); // a peer that is gone already must not end the process
    socket.end(NOT_FOUND, () => socket.destroy());
  });
}

/** Takes the listeners away and answers one function that calls them all, and tells whether there are any. */
function takeOver(server: Server, name: 'request' | 'upgrade'): (...args: unknown[]) => boolean {
  const listeners = server.listeners(name);
  server.removeAllListeners(name);
  return (...args) => {
    for (const listener of listeners) Reflect.apply(listener, server, args);
    return listeners.length > 0;
  };
}
