import type { TransferFormat } from '../protocols/hub-protocol.js';
import type { Settings, TransportName } from './options.js';
import { queryValue } from './request-facts.js';
import type { IssuedToken } from './tokens.js';

const newestVersion = 1;

/** What each transport carries. */
export const transferFormats: Readonly<Record<TransportName, readonly TransferFormat[]>> = {
  WebSockets: ['Text', 'Binary'],
  ServerSentEvents: ['Text'],
  LongPolling: ['Text', 'Binary'],
};

/** The version that is spoken with a client, or why there is none. */
export type VersionChoice = { readonly version: 0 | 1 } | { readonly error: string };

export function chooseVersion(asked: string | undefined, minimum: 0 | 1): VersionChoice {
  const text = asked ?? '0';
  if (!/^\s*[+-]?\d{1,9}\s*$/.test(text))
    return { error: 'The client requested a non-integer protocol version.' };
  const version = Number(text);
  if (version < minimum)
    return {
      error: `The client requested version '${version}', but the server does not support this version.`,
    };
  return { version: version >= newestVersion ? 1 : 0 };
}

/** Whether the client asks for stateful reconnect and may have it. Granted unasked, the JS client would refuse to connect. */
export function grantsReconnect(query: URLSearchParams, settings: Settings): boolean {
  return (
    settings.statefulReconnect &&
    settings.transports.includes('WebSockets') &&
    queryValue(query, 'useStatefulReconnect')?.toLowerCase() === 'true'
  );
}

/** The body of a negotiation that went well. No field is ever null: the .NET client insists. */
export function negotiateAnswer(
  version: 0 | 1,
  issued: IssuedToken,
  statefulReconnect: boolean,
  transports: readonly TransportName[],
): object {
  return {
    negotiateVersion: version,
    connectionId: issued.connectionId,
    ...(version === 1 && { connectionToken: issued.connectionToken }),
    ...(statefulReconnect && { useStatefulReconnect: true }),
    availableTransports: transports.map((transport) => ({
      transport,
      transferFormats: transferFormats[transport],
    })),
  };
}
