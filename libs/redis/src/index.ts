export { connectRedis, type RedisConnections } from './connections.js';
export { RedisLeaseStore } from './redis-lease-store.js';
export { RedisRelay } from './redis-relay.js';
export { RedisSubscriptionStore } from './redis-subscription-store.js';
