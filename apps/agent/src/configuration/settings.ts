import { allowAnonymous, allowedHosts, redisUrl, type LogLevel } from '@ringback/platform';
import { defaulted, formerly, matching, oneOf, wholeNumber } from '@ringback/settings';

const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const DAY_MS = 24 * 60 * 60_000;
const PATH = { doc: 'The file with hubs, handlers and queue.', absent: 'No hubs and no handlers.' };

/** Every variable that the agent reads, but for those that its file names. The table in docs/agent.md is made from it. */
export const SETTINGS = {
  RINGBACK_AGENT_CONFIG: formerly('AGENT_CONFIG', matching(/./, 'the path of a JSON file', PATH)),
  HOST: defaulted(
    '127.0.0.1',
    matching(/^[0-9A-Za-z.:%_-]+$/, 'an IP address or a host name', {
      doc: 'Address that the agent listens on; `0.0.0.0` or `::` listens on all.',
    }),
  ),
  PORT: wholeNumber(8090, 'Port that the agent listens on; 0 takes a free one.', { min: 0, max: 65_535 }),
  RINGBACK_ALLOWED_HOSTS: allowedHosts({
    doc: 'Host names under which operators may ask for the agent, against DNS rebinding. `localhost`, loopback addresses and `HOST` are always among them; `/health` and `/metrics` take any.',
    absent: 'Any; for an agent that listens on loopback only those that are always among them.',
  }),
  REDIS_URL: redisUrl({
    doc: 'Redis that keeps tickets and subscriptions, and that all agents of one prefix share. A comma list is a Redis Cluster; `redis+sentinel://` as for the hub.',
    absent: 'One agent by itself, whose tickets end with it.',
    secret: true,
  }),
  RINGBACK_REDIS_PREFIX: formerly(
    'REDIS_PREFIX',
    defaulted(
      'rb-agent',
      matching(/^[0-9A-Za-z_.-]{1,64}$/, '1–64 of 0-9 A-Z a-z _ . -', {
        doc: 'Start of every key in Redis. Not that of a hub.',
      }),
    ),
  ),
  RINGBACK_AGENT_OPERATOR_TOKEN: formerly(
    'OPERATOR_TOKEN',
    matching(/^[\x21-\x7e]+$/, 'text without spaces', {
      doc: 'Bearer token that tickets and subscriptions are open to.',
      absent: 'Everybody who reaches the agent may do everything.',
      secret: true,
    }),
  ),
  RINGBACK_ALLOW_ANONYMOUS: allowAnonymous('RINGBACK_AGENT_OPERATOR_TOKEN'),
  LOG_LEVEL: oneOf(LOG_LEVELS, 'info', 'Least level of the lines that are logged.'),
  RINGBACK_DRAIN_MS: formerly(
    'DRAIN_MS',
    wholeNumber(20_000, 'How long a stop waits for handlers that run.', { min: 0, max: DAY_MS }),
  ),
  RINGBACK_AGENT_LEASE_MS: formerly(
    'LEASE_MS',
    wholeNumber(
      10_000,
      'After so long without a sign of life of an agent, others take over its hubs and begin its tickets again. A function must not keep the process busy for longer.',
      { min: 1_000, max: DAY_MS },
    ),
  ),
  RINGBACK_AGENT_MAX_TICKETS: formerly(
    'TICKETS',
    wholeNumber(
      100_000,
      'Most unfinished tickets. Beyond it, deliveries wait at the hub if it is a Ringback, and are lost if it is not.',
    ),
  ),
  RINGBACK_AGENT_MAX_FAILED_TICKETS: formerly(
    'FAILED_TICKETS',
    wholeNumber(10_000, 'Most failed tickets that are kept; the oldest go first.'),
  ),
  RINGBACK_AGENT_FAILED_TICKETS_AGE_MS: formerly(
    'FAILED_TICKETS_AGE_MS',
    wholeNumber(30 * DAY_MS, 'How long they are kept.'),
  ),
  RINGBACK_AGENT_SUBSCRIPTIONS_PER_HUB: formerly(
    'SUBSCRIPTIONS_PER_HUB',
    wholeNumber(1_000, 'Most subscriptions of the agent at one hub.'),
  ),
} as const;
