import type { FactoryProvider, ModuleMetadata, Provider } from '@nestjs/common';
import { DEFAULT_LIMITS, type Limits, type Origins } from '@ringback/contract';
import type { HistoryOptions } from '@ringback/core';
import type { AllowedHosts } from '@ringback/http-kit';
import { StartupError } from '@ringback/settings';
import { randomBytes } from 'node:crypto';
import { quarterOfHeap } from './heap-share.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** How a hub node differs from the defaults. */
export interface RingbackOptions {
  /** Unique in the cluster; 1–64 of `[0-9A-Za-z_-]`. Default: a random one at each start. */
  readonly nodeId?: string;
  /** How the other nodes reach this one, as `http://host:port`. Default: where the HTTP server listens. */
  readonly nodeAddress?: string;
  /** What is shown to operators. Default: `embedded`. */
  readonly version?: string;
  /** The Redis that the nodes of a cluster share. Default: one node by itself, in memory. */
  readonly redis?: { readonly url: string; readonly prefix?: string };
  /** After so long without a heartbeat a node counts as dead. Default 15,000. */
  readonly leaseMs?: number;
  /** How long a durable subscriber may be offline. Default: a day. */
  readonly sessionTtlMs?: number;
  /** Over how long a stop spreads the closing of the connections. Default 10,000. */
  readonly drainMs?: number;
  /** How long a node that is to stop goes on as before, until load balancers have noticed. Default 3,000. */
  readonly shutdownDelayMs?: number;
  readonly limits?: Partial<Limits>;
  /** Default: 1,000 envelopes, 10 minutes, 1 MiB for each event. */
  readonly history?: Partial<HistoryOptions>;
  /** Origins, beside the node's own, whose web pages may use it: `*` for all. Default: none. */
  readonly origins?: Origins;
  /** Whose `X-Forwarded-For`, `-Host`, `-Proto` and `-Prefix` count: addresses, CIDR ranges, `loopback` or `private`. Default: nobody's. */
  readonly trustedProxies?: readonly string[];
  /** Host names under which the node is served, `*.example.com` for all below one. Default: any, but only `localhost` and its like for one that listens on loopback. */
  readonly allowedHosts?: AllowedHosts;
  /** The name that the application listens under, which is allowed too. */
  readonly host?: string;
  /**
   * The share of the clients whose coming and going is logged, from 0 to 1; who is refused is logged too, as often as the log of the application lets it. Default: neither
   * is. What operators do always is.
   */
  readonly accessLog?: number;
}

/** The options, and the parts that the application replaces. */
export interface RingbackModuleOptions extends RingbackOptions {
  /** Each replaces the part whose token it provides: `{ provide: ACCESS_POLICY, useClass: MyPolicy }`. */
  readonly providers?: readonly Provider[];
}

/** Options that other providers have a part in. */
export interface RingbackAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: (...dependencies: never[]) => RingbackOptions | Promise<RingbackOptions>;
  /** Replaces parts, by their tokens. */
  readonly providers?: readonly Provider[];
}

type Optional = 'nodeAddress' | 'redis' | 'origins' | 'allowedHosts' | 'host' | 'accessLog';

/** The options with all defaults filled in. */
export type CompleteOptions = Required<Omit<RingbackOptions, Optional | 'limits' | 'history'>> &
  Pick<RingbackOptions, Exclude<Optional, 'redis'>> & {
    readonly redis?: { readonly url: string; readonly prefix: string };
    readonly limits: Limits;
    readonly history: HistoryOptions;
  };

const NODE_ID = /^[0-9A-Za-z_-]{1,64}$/;

const DEFAULT_HISTORY: HistoryOptions = {
  envelopes: 1_000,
  ageMs: 10 * MINUTE_MS,
  bytes: 2 ** 20,
  overrides: [],
};

/** An option that is there but `undefined`, an unset variable of the environment for instance, counts as absent. Throws `StartupError`. */
export function completeOptions({ redis, limits, history, ...options }: RingbackOptions): CompleteOptions {
  assertNodeId(options.nodeId);
  return {
    version: 'embedded',
    nodeId: randomBytes(9).toString('base64url'),
    leaseMs: 15_000,
    sessionTtlMs: DAY_MS,
    drainMs: 10_000,
    shutdownDelayMs: 3_000,
    trustedProxies: [],
    ...withoutUndefined(options),
    ...(redis && { redis: { prefix: 'rb', ...withoutUndefined(redis) } }),
    limits: {
      ...DEFAULT_LIMITS,
      nodeOutboxBytes: quarterOfHeap(),
      memoryBytes: quarterOfHeap(),
      ...withoutUndefined(limits),
    },
    history: { ...DEFAULT_HISTORY, ...withoutUndefined(history) },
  };
}

/** It stands in identifiers and keys. */
function assertNodeId(nodeId: string | undefined): void {
  if (nodeId !== undefined && !NODE_ID.test(nodeId))
    throw new StartupError(`The nodeId ${JSON.stringify(nodeId)} is not 1–64 of 0-9 A-Z a-z _ -.`);
}

function withoutUndefined<Options extends object>(options?: Options): Options {
  const entries = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Options;
}
