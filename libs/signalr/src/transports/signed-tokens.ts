import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { SigningKey, type ReadKey } from './signing-key.js';
import { grantsStatefulReconnect, parseToken, unsignedText } from './token-text.js';
import type { AdoptedToken, Granted, IssuedToken, TokenFactory } from './tokens.js';

export interface SignedTokensOptions {
  /** Unique among the nodes; 1–64 of `[0-9A-Za-z_-]`. */
  readonly nodeId: string;
  /** Answers the secret that all nodes share; at least 32 random bytes. Asked seldom. */
  readonly key: ReadKey;
  /** Answers whether whoever asks is the first, of all nodes, to ask for this id within the time. */
  readonly claim: (tokenId: string, ttlMs: number) => Promise<boolean>;
  /** What the tokens are good for, as the path of the hub: one of another scope is refused. */
  readonly scope?: string;
  /** How long a token may be used first; the same as the endpoint's `disconnectTimeoutMs`. Default: 15,000. */
  readonly lifetimeMs?: number;
  /** Told when the key or the claims cannot be reached. Default: a process warning. */
  readonly onFault?: (error: Error) => void;
  /** Time of the calendar, which the clocks of the nodes should agree on to a few seconds. */
  readonly nowMs?: () => number;
}

/** What `signedTokens` answers: all that a `TokenFactory` may do. */
export interface SignedTokenFactory extends Required<TokenFactory> {
  issue(granted: Granted): Promise<IssuedToken>;
}

const idBytes = 16;

const defaults = {
  scope: '',
  lifetimeMs: 15_000,
  onFault: (error: Error) => process.emitWarning(error),
  nowMs: () => Date.now(),
} as const;

/**
 * Tokens by which a WebSocket is accepted on whichever node it lands: they carry the node that issued them and a signature, last as long as
 * a negotiation, and open one connection in the whole cluster. Those that were granted stateful reconnect are good on their own node only.
 */
export function signedTokens(options: SignedTokensOptions): SignedTokenFactory {
  if (!/^[\w-]{1,64}$/.test(options.nodeId)) throw new RangeError('A node id is 1–64 of [0-9A-Za-z_-].');
  return new SignedTokens({ ...defaults, ...options });
}

class SignedTokens implements SignedTokenFactory {
  readonly #options: Required<SignedTokensOptions>;
  readonly #key: SigningKey;

  constructor(options: Required<SignedTokensOptions>) {
    this.#options = options;
    this.#key = new SigningKey(options.key, options.nowMs, options.onFault);
  }

  async issue({ statefulReconnect, negotiateVersion }: Granted): Promise<IssuedToken> {
    const { nodeId, lifetimeMs, nowMs } = this.#options;
    const key = await this.#key.current();
    const id = randomBytes(idBytes).toString('base64url');
    const idIsToken = negotiateVersion === 0;
    const expiresAtMs = nowMs() + lifetimeMs;
    const text = unsignedText({ nodeId, id, statefulReconnect, idIsToken, expiresAtMs });
    const connectionToken = `${text}.${this.#sign(key, text).toString('base64url')}`;
    return { connectionId: idIsToken ? connectionToken : id, connectionToken };
  }

  /** The owner goes by what it knows itself while nobody can tell whether another node has been quicker. */
  async use(connectionToken: string): Promise<boolean> {
    if (grantsStatefulReconnect(connectionToken)) return true; // no other node takes it
    try {
      return await this.#claim(connectionToken);
    } catch (error) {
      this.#options.onFault(error instanceof Error ? error : new Error(String(error)));
      return true;
    }
  }

  async adopt(connectionToken: string): Promise<AdoptedToken | undefined> {
    const said = parseToken(connectionToken);
    if (!said || said.statefulReconnect || said.expiresAtMs <= this.#options.nowMs()) return undefined;
    if (!(await this.#isSigned(connectionToken)) || !(await this.#claim(connectionToken))) return undefined;
    return { connectionId: said.idIsToken ? connectionToken : said.id, statefulReconnect: false };
  }

  /** Held longer than the token lasts, as the clocks of the nodes differ. */
  async #claim(connectionToken: string): Promise<boolean> {
    const { claim, lifetimeMs } = this.#options;
    const id = parseToken(connectionToken)?.id;
    return id !== undefined && claim(id, 2 * lifetimeMs);
  }

  async #isSigned(connectionToken: string): Promise<boolean> {
    const known = await this.#key.all();
    return this.#fits(connectionToken, known) || this.#fits(connectionToken, await this.#key.readAgain());
  }

  #fits(connectionToken: string, keys: readonly Uint8Array[]): boolean {
    const dot = connectionToken.lastIndexOf('.');
    const text = connectionToken.slice(0, dot);
    const shown = Buffer.from(connectionToken.slice(dot + 1), 'base64url');
    return keys.some((key) => {
      const signature = this.#sign(key, text);
      return shown.length === signature.length && timingSafeEqual(shown, signature);
    });
  }

  /** The name of the use keeps apart what the key is used for elsewhere. */
  #sign(key: Uint8Array, text: string): Buffer {
    return createHmac('sha256', key)
      .update(`signalr connection token\n${this.#options.scope}\n${text}`)
      .digest();
  }
}
