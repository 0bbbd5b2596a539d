export { connectRedis, type RedisConnections } from './connections.js';
export { RedisChannels } from './redis-channels.js';
export { RedisClaims } from './redis-claims.js';
export { RedisClusterKey } from './redis-cluster-key.js';
export { RedisLeaseStore } from './redis-lease-store.js';
export { RedisPeers } from './redis-peers.js';
export { RedisRelay } from './redis-relay.js';
export { RedisSessionStore } from './redis-session-store.js';
export { RedisSubscriptionStore } from './redis-subscription-store.js';
