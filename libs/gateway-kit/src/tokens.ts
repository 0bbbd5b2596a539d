/** `Channels` of the core, for a gateway that speaks between nodes by itself; `undefined` where there is one node only. `RingbackModule` provides it. */
export const CHANNELS = Symbol('Channels');
