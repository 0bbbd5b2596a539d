import { randomBytes } from 'node:crypto';

/** What a negotiation hands out. Both are used in URLs as they are: only URL-safe characters. */
export interface IssuedToken {
  /** Public: what applications address a connection by. */
  readonly connectionId: string;
  /** Secret: what opens the connection. Never logged. */
  readonly connectionToken: string;
}

/** What a token that was negotiated at another node says. */
export interface AdoptedToken {
  readonly connectionId: string;
  /** Whether the negotiation granted stateful reconnect. */
  readonly statefulReconnect: boolean;
}

/** Makes connection tokens. A cluster puts the node and a signature into them. */
export interface TokenFactory {
  issue(granted: { readonly statefulReconnect: boolean }): IssuedToken;
  /**
   * Asked when a WebSocket comes with a token that is not known here. Answers what the token says if it is valid and has not been used
   * before (which this call marks it as), else undefined. Without it, every unknown token is refused.
   */
  adopt?(connectionToken: string): Promise<AdoptedToken | undefined>;
}

const tokenBytes = 16;
const randomName = (): string => randomBytes(tokenBytes).toString('base64url');

/** As .NET does it: 16 random bytes each. Good for one node, or behind sticky routing. */
export const randomTokens: TokenFactory = {
  issue: () => ({ connectionId: randomName(), connectionToken: randomName() }),
};
