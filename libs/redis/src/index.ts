export { connectRedis, type RedisConnections } from './connections.js';
export { RedisLeaseStore } from './redis-lease-store.js';
export { RedisPeers } from './redis-peers.js';
export { RedisRelay } from './redis-relay.js';
export { RedisSessionStore } from './redis-session-store.js';
export { RedisSubscriptionStore } from './redis-subscription-store.js';
