import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** Newer versions of Node ask this of each request that offers an upgrade. */
interface AskingServer {
  shouldUpgradeCallback?: (request: IncomingMessage) => boolean;
}

/** Whether the client can do without the upgrade that it offers: any but one to WebSocket, h2c for instance (RFC 9110 §7.8). */
export function isIgnorableUpgrade({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() !== 'websocket';
}

/** Lets requests that offer another upgrade than to WebSocket be ordinary requests. */
export function ignoreUpgrades(server: Server & AskingServer): void {
  if (server.shouldUpgradeCallback) server.shouldUpgradeCallback = (request) => !isIgnorableUpgrade(request);
}

/** The same where Node does not ask: the server reads the request once more, without the offer. */
export function replayWithoutUpgrade(
  server: Server,
  { method, url, httpVersion, rawHeaders }: IncomingMessage,
  socket: Socket,
  head: Buffer,
): void {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (!/^(upgrade|connection|http2-settings)$/i.test(name)) lines.push(`${name}: ${rawHeaders[at + 1]}`);
  }
  socket.unshift(head);
  socket.unshift(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  server.emit('connection', socket);
}
