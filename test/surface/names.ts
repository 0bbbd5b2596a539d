/*
 * The names that the scenario itself has to use: of variables that it sets and of methods that it calls.
 * A build that has other names is recorded after editing this file, and nothing else.
 */

/** Variables of the hub. */
export const HUB_SETTINGS = {
  redisUrl: 'REDIS_URL',
  redisPrefix: 'REDIS_PREFIX',
  nodeId: 'NODE_ID',
  logLevel: 'LOG_LEVEL',
  drainMs: 'DRAIN_MS',
  drainNoticeMs: 'DRAIN_NOTICE_MS',
  corsOrigins: 'CORS_ORIGINS',
  accessTokens: 'ACCESS_TOKENS',
  bridges: 'BRIDGES',
  cookieBytes: 'COOKIE_BYTES',
  dataBytes: 'DATA_BYTES',
  subscriptionsPerConnection: 'SUBSCRIPTIONS_PER_CONNECTION',
  connectionsPerNode: 'CONNECTIONS_PER_NODE',
  outboxBytes: 'OUTBOX_BYTES',
  sessionsAway: 'SESSIONS_AWAY',
  signalrAliases: 'SIGNALR_ALIASES',
} as const;

/** Variables of the agent. */
export const AGENT_SETTINGS = {
  redisUrl: 'REDIS_URL',
  redisPrefix: 'REDIS_PREFIX',
  logLevel: 'LOG_LEVEL',
  operatorToken: 'OPERATOR_TOKEN',
} as const;

/** Keys of an entry of the hub's setting `bridges`. */
export const BRIDGE_KEYS = {
  interest: 'interest',
  mostAlikePerSecond: 'mostAlikePerSecond',
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
  bridged: 'hub_bridged_total',
  bridgeConnected: 'hub_bridge_connected',
  hubConnected: 'agent_hub_connected',
} as const;

/** Values of labels that the scenario waits for. */
export const BRIDGE_OUTCOMES = {
  passed: 'passed',
  cut: 'cut',
  echo: 'echo',
  broken: 'broken',
  refused: 'refused',
} as const;
