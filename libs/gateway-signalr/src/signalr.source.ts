import type { ClientSource } from '@ringback/http-kit';
import type { ClientConnection, OpeningRequest } from '@ringback/signalr';

const TRANSPORTS: Readonly<Record<ClientConnection['transport'], string>> = {
  WebSockets: 'websocket',
  ServerSentEvents: 'server-sent-events',
  LongPolling: 'long-polling',
};

/** Where a client comes from; a negotiation has no transport yet. */
export function sourceOf(
  { headers, remoteAddress }: OpeningRequest,
  transport?: ClientConnection['transport'],
): ClientSource {
  const request = { headers, socket: { remoteAddress } };
  return { ...(transport && { transport: TRANSPORTS[transport] }), request };
}
