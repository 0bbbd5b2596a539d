import type { ErrorCode } from '@ringback/contract';
import type { Identity, Log } from '@ringback/core';
import { TrustedProxies, type AddressedRequest } from './trusted-proxies.js';

/** Over what a client came, and the request that it came with, of which only the address is written down. */
export interface ClientSource {
  /** `websocket`, `long-polling` …; absent where it is not known yet. */
  readonly transport?: string | undefined;
  readonly request: AddressedRequest;
}

/** What stands in the access log. */
export interface AccessLogOptions {
  readonly log: Log;
  readonly proxies?: TrustedProxies;
  /** The share of the clients whose coming and going is written down, from 0 to 1. Absent: of those and of the refused nothing is. */
  readonly ratio?: number | undefined;
  /** For tests: a number from 0 to 1, less than 1. */
  readonly random?: () => number;
}

/** A client that was taken in. */
interface TakenIn {
  readonly gateway: string;
  readonly connectionId: string;
  readonly identity: Identity;
}

/** Lines that are not to be bounded: for how many clients there is one is set, and what operators do is never left out. */
export const ACCESS_LINES: readonly string[] = ['client connected', 'client disconnected', 'operator acted'];

/**
 * Who came, who was refused and what operators did: a line each, with who and from where, never with what they sent or showed. How many lines there are of the refused
 * is for the log to bound: everybody can make some.
 */
export class AccessLog {
  private readonly log: Log;
  private readonly proxies: TrustedProxies;
  private readonly ratio: number | undefined;
  private readonly random: () => number;

  constructor({ log, proxies = new TrustedProxies(), ratio, random = Math.random }: AccessLogOptions) {
    this.log = log;
    this.proxies = proxies;
    this.ratio = ratio;
    this.random = random;
  }

  /** A client was taken in. What this answers is called when it has gone; `undefined` if it is none of those that are written down. */
  connected(
    { gateway, connectionId, identity }: TakenIn,
    source: ClientSource,
  ): ((reason: string) => void) | undefined {
    if (this.ratio === undefined || this.random() >= this.ratio) return undefined;
    const client = { gateway, connectionId, identity: identity.name, ...this.fieldsOf(source) };
    const startedAt = performance.now();
    this.log.info('client connected', client);
    return (reason) => {
      const durationMs = Math.round(performance.now() - startedAt);
      this.log.info('client disconnected', { ...client, reason, durationMs });
    };
  }

  /** A client was refused before it was one. */
  refused(
    gateway: string,
    source: ClientSource,
    { code }: { readonly code: ErrorCode },
    identity?: Identity,
  ): void {
    if (this.ratio === undefined) return;
    const who = identity && { identity: identity.name };
    this.log.info('client refused', { gateway, code, ...who, ...this.fieldsOf(source) });
  }

  /** Does what an operator asks for and writes it down, with the code of the error where it fails. Rejects as the work does. */
  async operate<Result>(
    act: string,
    { identity, request, ...on }: OperatorAct,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const fields = { act, ...on, identity: identity.name, address: this.proxies.clientAddress(request) };
    try {
      const result = await work();
      this.log.info('operator acted', fields);
      return result;
    } catch (error) {
      this.log.info('operator acted', { ...fields, code: (error as { readonly code?: unknown }).code });
      throw error;
    }
  }

  private fieldsOf({ transport, request }: ClientSource): Readonly<Record<string, string>> {
    return { ...(transport !== undefined && { transport }), address: this.proxies.clientAddress(request) };
  }
}

/** Who acts, and on what. */
interface OperatorAct {
  readonly identity: Identity;
  readonly request: AddressedRequest;
  readonly connectionId?: string;
  readonly eventguid?: string;
  readonly subscriber?: string;
}
