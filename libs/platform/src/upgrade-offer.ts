import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** Newer versions of Node ask this of each request that offers an upgrade. */
interface AskingServer {
  shouldUpgradeCallback?: (request: IncomingMessage) => boolean;
}

/** Whether an upgrade is one that the client can do without, to h2c for instance. */
export function isOffer({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() !== 'websocket';
}

/** Lets requests that offer another upgrade than to WebSocket be what they are beside it. */
export function declineOffers(server: Server & AskingServer): void {
  if (server.shouldUpgradeCallback) server.shouldUpgradeCallback = (request) => !isOffer(request);
}

/** The same where Node does not ask: the server reads the request once more, without the offer. */
export function replayWithoutOffer(
  server: Server,
  { method, url, httpVersion, rawHeaders }: IncomingMessage,
  link: Socket,
  head: Buffer,
): void {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (!/^(upgrade|connection|http2-settings)$/i.test(name)) lines.push(`${name}: ${rawHeaders[at + 1]}`);
  }
  link.unshift(head);
  link.unshift(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  server.emit('connection', link);
}
