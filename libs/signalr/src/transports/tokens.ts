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

/** What a negotiation has come to. */
export interface Granted {
  readonly statefulReconnect: boolean;
  /** With 0, the client takes the connection id for the token. */
  readonly negotiateVersion: 0 | 1;
}

/** Makes connection tokens. A cluster puts the node and a signature into them. */
export interface TokenFactory {
  /** Rejects if it cannot be told how: the client is answered 503. */
  issue(granted: Granted): IssuedToken | Promise<IssuedToken>;
  /**
   * Asked once, when the first request of a transport comes with a token that was negotiated here. Answers whether it has not been used on
   * another node before, and marks it as used. Without it, tokens are good on their own node only.
   */
  use?(connectionToken: string): Promise<boolean>;
  /**
   * Asked when a WebSocket comes with a token that is not known here. Answers what the token says if it is valid and has not been used
   * before (which this call marks it as), else undefined. Without it, every unknown token is refused. Rejects if it cannot be told: unless
   * `elsewhere` takes it, the client is answered 503.
   */
  adopt?(connectionToken: string): Promise<AdoptedToken | undefined>;
}

const tokenBytes = 16;
const randomName = (): string => randomBytes(tokenBytes).toString('base64url');

/** As .NET does it: 16 random bytes each. Good for one node, or behind sticky routing. */
export const randomTokens: TokenFactory = {
  issue: () => ({ connectionId: randomName(), connectionToken: randomName() }),
};
