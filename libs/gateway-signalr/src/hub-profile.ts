import type { Codec, Identity, SessionRequest } from '@ringback/core';
import type { HubProtocol, OpeningRequest } from '@ringback/signalr';

/** What one of the hubs is to its clients, beside its methods. */
export interface HubProfile {
  /** Where it is, once the many names of its path are made one. */
  readonly path: string;
  /** How deliveries are written, by the protocol that the client speaks. */
  readonly codecs: Readonly<Record<HubProtocol['name'], Codec>>;
  /** Whether clients know the calls that say why they are closed, and what went wrong with a message that they sent without waiting. MDriven's do not. */
  readonly sendsNotifications: boolean;
  /** The session that a client asks for when it connects. Throws `bad-request` or `forbidden`. */
  readonly sessionRequestOf: (opening: OpeningRequest, identity: Identity) => SessionRequest | undefined;
}
