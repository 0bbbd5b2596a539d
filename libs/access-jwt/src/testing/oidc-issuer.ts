import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type JWK } from 'oidc-provider';

const CLIENT = { client_id: 'till-7', client_secret: 'a secret of the client' };
export const AUDIENCE = 'https://hub.example';

/** A real issuer (OpenID Connect) that gives clients tokens for the hub. */
export class OidcIssuer {
  private serve: (request: IncomingMessage, response: ServerResponse) => unknown = () => undefined;
  private server: Server | undefined;
  private port = 0;

  static async start(...keys: readonly JWK[]): Promise<OidcIssuer> {
    const issuer = new OidcIssuer();
    await issuer.open();
    issuer.use(...keys);
    return issuer;
  }

  /** A private key as issuers are configured with it. */
  static key(kid: string): JWK {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' };
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get keySetUrl(): string {
    return `${this.url}/jwks`;
  }

  /** From now on it signs with the first of the keys, and publishes all. */
  use(...keys: readonly JWK[]): void {
    this.serve = providerOf(this.url, keys).callback();
  }

  /** A token of the hub for the client, by its credentials. */
  async token(): Promise<string> {
    const basic = Buffer.from(`${CLIENT.client_id}:${encodeURIComponent(CLIENT.client_secret)}`);
    const response = await fetch(`${this.url}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic.toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: AUDIENCE }),
    });
    const answer = (await response.json()) as { access_token?: string };
    if (answer.access_token === undefined) throw new Error(`No token: ${JSON.stringify(answer)}`);
    return answer.access_token;
  }

  /** It is there again, under the same URL, after it was closed. */
  async open(): Promise<void> {
    this.server = createServer((request, response) => void this.serve(request, response));
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (!this.server?.listening) return;
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

function providerOf(url: string, keys: readonly JWK[]): Provider {
  return new Provider(url, {
    jwks: { keys: [...keys] },
    clients: [{ ...CLIENT, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: '',
          audience: AUDIENCE,
          accessTokenTTL: 3_600,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    extraTokenClaims: () => ({ ringback: { trigger: ['till-*'] } }),
  });
}
