import type { Data, Labels } from '@ringback/contract';

/** One envelope as it comes over a link. */
export interface LinkDelivery extends Labels {
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
  /** `true`: this delivery ended the subscription with whose cookie it comes. */
  readonly ended?: boolean;
}

/** One envelope as it reaches one subscription. */
export interface Delivery extends LinkDelivery {
  /**
   * Tells the hub that everything of the event up to here has been processed, so that it is not delivered again. Returns at once; sent in the background,
   * on the next connection if there is none. Does nothing where this or a later delivery was acknowledged, or the subscription was ended by the
   * program. Throws `bad-request` if the client has no `subscriberId`: the hub keeps nothing for it that could be acknowledged.
   */
  acknowledge(): void;
}

/**
 * Called once per delivery of an event, in the order of positions. A promise that it returns is not waited for: the next delivery may come before
 * it settles. What it throws, or rejects with, goes to `onError` and stops nothing.
 *
 * With a `subscriberId` it is waited for: the next delivery of that event comes when the promise has settled. When it throws or rejects, that goes to
 * `onError` and the same delivery comes again, after a delay from `minDelayMs` up to `maxDelayMs`, until the handler succeeds; those after it
 * wait.
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
