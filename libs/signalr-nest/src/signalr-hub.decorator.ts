import { SetMetadata } from '@nestjs/common';
import type { HubContext, HubOptions } from '@ringback/signalr';
import type { EndpointSettings } from './signalr.settings.js';

/** The server that a hub belongs to unless it names another. */
export const DEFAULT_SERVER = 'default';

/** How one hub differs from what the module says of all. */
export type SignalRHubOptions = Partial<HubOptions> &
  EndpointSettings & {
    /** The server that it belongs to: that of the `SignalRModule` with this name. Default: the one without a name. */
    readonly server?: string;
  };

/** One call of a client, on its way to a method of the hub. */
export interface HubInvocation {
  readonly context: HubContext;
  /** As the hub calls it, however the client spelt it. */
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What a hub may have beside its methods. */
export interface HubLifecycle {
  /** Before the first message of a connection is read. Throwing closes the connection for good. */
  onConnected?(context: HubContext): unknown;
  /**
   * Around each call, before guards and pipes, in the order in which the calls of a connection came: decides when the method runs, by calling `next`,
   * and what is answered. Calls with other arguments than the method takes are refused before.
   */
  dispatch?(invocation: HubInvocation, next: () => Promise<unknown>): unknown;
  /** Once for each connection whose `onConnected` succeeded. `error` tells that it did not leave by itself. */
  onDisconnected?(context: HubContext, error?: Error): unknown;
}

/** Where a hub is served, and how. */
export interface HubPlace {
  readonly path: string;
  readonly server: string;
  readonly options: Omit<SignalRHubOptions, 'server'>;
}

export const HUB_PLACE = Symbol('hub place');

/** Serves a provider as the hub at `path`, which a global prefix does not change. Of its methods, clients may call those with `@HubMethod`. */
export const SignalRHub = (
  path: string,
  { server = DEFAULT_SERVER, ...options }: SignalRHubOptions = {},
): ClassDecorator => {
  const place: HubPlace = { path, server, options };
  return SetMetadata(HUB_PLACE, place);
};
