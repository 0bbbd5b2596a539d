/** What the OpenAPI page shows wherever there is one. */
export const CONNECTION_EXAMPLE = 'n1-8Zk2vQ';
export const NAMED_EXAMPLE = 'n:shop/worker-1';
export const NODE_EXAMPLE = 'n1';
export const TIME_EXAMPLE = 1_790_000_000_000;
