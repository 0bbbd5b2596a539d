/** Who takes part in an event: only subscriptions that were made with `presence` are seen, and only they see. */
export type Presence =
  | {
      /** All at this moment. A fresh one after every moment in which joins or leaves may have been lost. */
      readonly kind: 'snapshot';
      /** Capped; `total` counts all. */
      readonly members: readonly string[];
      readonly total: number;
    }
  | { readonly kind: 'join' | 'leave'; readonly member: string };
