/*
 * The names that the scenario itself has to use: of variables that it sets and of methods that it calls.
 * A build that has other names is recorded after editing this file, and nothing else.
 */

/** Variables of the hub. */
export const HUB_SETTINGS = {
  redisUrl: 'REDIS_URL',
  redisPrefix: 'RINGBACK_REDIS_PREFIX',
  nodeId: 'RINGBACK_NODE_ID',
  logLevel: 'LOG_LEVEL',
  drainMs: 'RINGBACK_DRAIN_MS',
  drainNoticeMs: 'RINGBACK_SHUTDOWN_DELAY_MS',
  corsOrigins: 'RINGBACK_CORS_ORIGINS',
  accessTokens: 'RINGBACK_ACCESS_TOKENS',
  bridges: 'RINGBACK_BRIDGES',
  cookieBytes: 'RINGBACK_COOKIE_BYTES',
  dataBytes: 'RINGBACK_DATA_BYTES',
  subscriptionsPerConnection: 'RINGBACK_SUBSCRIPTIONS_PER_CONNECTION',
  connectionsPerNode: 'RINGBACK_CONNECTIONS_PER_NODE',
  outboxBytes: 'RINGBACK_OUTBOX_BYTES',
  sessionsAway: 'RINGBACK_MAX_OFFLINE_SESSIONS',
  signalrAliases: 'RINGBACK_SIGNALR_EVENT_HUB_PATHS',
} as const;

/** Variables of the agent. */
export const AGENT_SETTINGS = {
  redisUrl: 'REDIS_URL',
  redisPrefix: 'RINGBACK_REDIS_PREFIX',
  logLevel: 'LOG_LEVEL',
  operatorToken: 'RINGBACK_AGENT_OPERATOR_TOKEN',
} as const;

/** Keys of an entry of the hub's setting `bridges`. */
export const BRIDGE_KEYS = {
  interest: 'subscribeOnDemand',
  mostAlikePerSecond: 'maxDuplicatesPerSecond',
} as const;

/** Methods that clients call. */
export const METHODS = {
  subscribe: 'SubscribeToEvent',
  unsubscribe: 'UnsubscribeFromEvent',
  trigger: 'TriggerEvent',
  acknowledge: 'Acknowledge',
  describe: 'DescribeHub',
} as const;

/** Metrics that the scenario waits for. */
export const METRICS = {
  bridged: 'ringback_bridge_messages_total',
  bridgeConnected: 'ringback_bridge_connected',
  hubConnected: 'ringback_agent_hub_connected',
} as const;

/** Values of labels that the scenario waits for. */
export const BRIDGE_OUTCOMES = {
  passed: 'accepted',
  cut: 'loop',
  echo: 'echo',
  broken: 'rate_limited',
  refused: 'rejected',
} as const;
