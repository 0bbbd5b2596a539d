import { AccessDenied, type RequestFacts } from '@ringback/signalr';
import { jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { createSecretKey, randomBytes } from 'node:crypto';

const algorithm = 'HS256';
const lifetimeMs = 5 * 60_000;

/** The bearer tokens of the authorised hub, signed with a key that lives as long as this process. */
export class AccessTokens {
  private readonly key = createSecretKey(randomBytes(32));

  constructor(private readonly nowMs: () => number) {}

  /** A token of the only user there is. */
  issue(): Promise<string> {
    return new SignJWT({ nameid: 'testuser' })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
      .setIssuer('SignalRTestServer')
      .setAudience('SignalRTests')
      .setExpirationTime(new Date(this.nowMs() + lifetimeMs))
      .sign(this.key);
  }

  /** Resolves with the user of a request. Rejects with `AccessDenied` when the token is missing, wrong or expired. */
  async userOf({ bearerToken }: RequestFacts): Promise<string> {
    const { nameid } = bearerToken === undefined ? {} : await this.claims(bearerToken);
    if (typeof nameid !== 'string') throw new AccessDenied(401);
    return nameid;
  }

  private async claims(token: string): Promise<JWTPayload & { readonly nameid?: unknown }> {
    try {
      const options = { algorithms: [algorithm], currentDate: new Date(this.nowMs()) };
      return (await jwtVerify(token, this.key, options)).payload;
    } catch {
      throw new AccessDenied(401); // whatever is wrong with it, its sender is nobody
    }
  }
}
