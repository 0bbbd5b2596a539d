/** Deliveries that wait for the local hub, of one remote hub: beyond either, nothing more is held in memory. */
export const MOST_WAITING = { tasks: 10_000, bytes: 32 * 1024 * 1024 };
