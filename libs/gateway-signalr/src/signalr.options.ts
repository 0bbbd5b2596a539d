import type { Provider } from '@nestjs/common';

/** How the SignalR gateway differs from the defaults. */
export interface SignalROptions {
  /** Path of the extended hub. Default `/hub`. */
  readonly path?: string;
  /** Further paths of the event hub, which is at every path that ends in `RealtimeEventPushHub`. */
  readonly eventHubPaths?: readonly string[];
  /** Whether clients of the event hub may trigger. Default: yes. Those of the extended hub may by their access alone. */
  readonly eventHubAllowTrigger?: boolean;
  /** How long a poll is held when there is nothing to say. Default 50 s: common proxies wait for 60. */
  readonly pollTimeoutMs?: number;
}

/** The options, and the parts that the application replaces. */
export interface SignalRModuleOptions extends SignalROptions {
  /** Each replaces the part whose token it provides: `{ provide: EventHub, useClass: MyEventHub }`. */
  readonly providers?: readonly Provider[];
}

export const DEFAULT_POLL_TIMEOUT_MS = 50_000;

/** `SignalROptions`. */
export const SIGNALR_OPTIONS = Symbol('SignalROptions');

/** The gateway's name in metrics and for operators. */
export const GATEWAY = 'signalr';

/** The SignalR server of the gateway, beside those that the application has for hubs of its own. */
export const SERVER = 'ringback';
