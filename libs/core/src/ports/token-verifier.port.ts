/** What a good token says. */
export interface VerifiedToken {
  /** Whose it is; absent for one that names nobody. */
  readonly subject?: string;
  /** When it ends, in milliseconds since 1970. */
  readonly expiresAt?: number;
  readonly issuedAt?: number;
  /** Of the token itself (`jti`) and of the session it belongs to (`sid`). */
  readonly tokenId?: string;
  readonly sessionId?: string;
  /** All that it says. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Says what a token says. */
export interface TokenVerifier {
  /** Rejects with `unauthorized` for one that is none, is over, or is of somebody who is not trusted; with `relay-unavailable`-like temporary codes where it cannot be checked now. */
  verify(token: string): Promise<VerifiedToken>;
}
