import type { Data, Labels } from '@ringback/contract';

/** One envelope as it reaches one subscription. */
export interface Delivery extends Labels {
  readonly eventguid: string;
  /** The subscription's own cookie, byte for byte. */
  readonly cookie: string;
  /** Text, or bytes if bytes were triggered. What was neither arrives as its JSON text. */
  readonly data: Data;
  /** `epoch:offset`. Kept by a program that wants to go on from here after a restart: the option `after` of `subscribe`. */
  readonly position: string;
  /** When the trigger was accepted, in milliseconds since 1970. */
  readonly time: number;
  /** `false`: before this one, some were lost that the hub could not fetch any more. */
  readonly recovered?: boolean;
  /** `true`: this delivery ended the subscription. */
  readonly ended?: boolean;
}

/**
 * Called once per delivery of an event, in the order of positions. A promise that it returns is not waited for: the next delivery may come before
 * it settles. What it throws, or rejects with, goes to `onError` and stops nothing.
 */
export type DeliveryHandler = (delivery: Delivery) => unknown;

/** Some deliveries of a subscription are lost for good: the hub could not vouch for continuity since `after`. */
export interface Gap {
  readonly eventguid: string;
  /** The last position before the gap. */
  readonly after?: string;
  /** Where the subscription goes on: what is delivered next comes after this, or is this. */
  readonly position: string;
}
