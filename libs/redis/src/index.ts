export { connectRedis, type RedisConnections, type RedisOptions } from './connections.js';
export type { HistoryLimits, HistoryOptions, HistoryOverride } from './history-limits.js';
export { RedisLeaseStore, type RedisLeaseStoreOptions } from './redis-lease-store.js';
export { RedisRelay, type RedisRelayOptions } from './redis-relay.js';
export { RedisSubscriptionStore, type RedisSubscriptionStoreOptions } from './redis-subscription-store.js';
