import { BRIDGE_KEYS, HUB_SETTINGS } from '../names.js';

type Environment = Record<string, string>;

/** The listed origin of web pages. */
export const APP_ORIGIN = 'https://app.example';

/** What the prefix of the cluster's keys is. */
export const PREFIX = 'surface';

/** Tokens of the strict hub. */
export const TOKENS = {
  all: 'token-all',
  subscribe: 'token-subscribe',
  trigger: 'token-trigger',
  bound: 'token-bound',
} as const;

const COMMON: Environment = {
  [HUB_SETTINGS.logLevel]: 'error',
  [HUB_SETTINGS.drainMs]: '0',
  [HUB_SETTINGS.drainNoticeMs]: '300',
};

/** Events that the bridges of the cluster carry from and to the strict hub. */
export const BRIDGED = {
  in: 'ev-bridge-in',
  interest: 'ev-bridge-interest',
  out: 'ev-bridge-out',
  both: 'ev-bridge-both',
  plain: 'ev-bridge-plain',
} as const;

/** A node of the cluster, bridged to the strict hub in both ways of bridging. */
export function clusterNode(nodeId: string, redisUrl: string, strictUrl: string): Environment {
  const to = { url: strictUrl, token: TOKENS.all };
  const bridges = [
    {
      name: 'ring',
      kind: 'ringback',
      ...to,
      subscribe: [BRIDGED.in, BRIDGED.both],
      [BRIDGE_KEYS.interest]: [`${BRIDGED.interest}*`],
      trigger: [BRIDGED.out, BRIDGED.both],
    },
    {
      name: 'plain',
      kind: 'event-hub',
      ...to,
      subscribe: [BRIDGED.plain],
      trigger: [BRIDGED.plain],
      [BRIDGE_KEYS.mostAlikePerSecond]: 1,
    },
  ];
  return {
    ...COMMON,
    [HUB_SETTINGS.nodeId]: nodeId,
    [HUB_SETTINGS.redisUrl]: redisUrl,
    [HUB_SETTINGS.redisPrefix]: PREFIX,
    [HUB_SETTINGS.corsOrigins]: APP_ORIGIN,
    [HUB_SETTINGS.bridges]: JSON.stringify(bridges),
  };
}

/** What the scenario has to know of the limits of the strict hub. */
export const STRICT_LIMITS = {
  cookieBytes: 64,
  dataBytes: 1_024,
  subscriptions: 4,
  connections: 12,
} as const;

/** One hub in memory that asks for tokens and allows little of everything. */
export function strictHub(): Environment {
  const tokens = [
    { name: 'all', token: TOKENS.all, actions: ['subscribe', 'trigger', 'operate'] },
    { name: 'reader', token: TOKENS.subscribe, actions: ['subscribe'] },
    { name: 'writer', token: TOKENS.trigger, actions: ['trigger'] },
    { name: 'bound', token: TOKENS.bound, actions: ['subscribe'], subscriberId: 'worker-1' },
  ];
  return {
    ...COMMON,
    [HUB_SETTINGS.nodeId]: 'strict',
    [HUB_SETTINGS.accessTokens]: JSON.stringify(tokens),
    [HUB_SETTINGS.cookieBytes]: String(STRICT_LIMITS.cookieBytes),
    [HUB_SETTINGS.dataBytes]: String(STRICT_LIMITS.dataBytes),
    [HUB_SETTINGS.subscriptionsPerConnection]: String(STRICT_LIMITS.subscriptions),
    [HUB_SETTINGS.connectionsPerNode]: String(STRICT_LIMITS.connections),
    [HUB_SETTINGS.outboxBytes]: '4096',
    [HUB_SETTINGS.sessionsAway]: '1',
    [HUB_SETTINGS.signalrAliases]: '/Events',
  };
}
