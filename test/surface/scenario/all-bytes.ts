import type { Section } from '../document.js';
import { recordMetrics } from '../running/metrics.js';
import { recordAgent } from './agent-api.js';
import { useBridges } from './bridges.js';
import { recordDrain, recordRemovals, recordSlowConsumers } from './closings.js';
import type { Dialect } from './command-client.js';
import { recordCommands } from './commands.js';
import { recordDurable } from './durable.js';
import { recordEventHub } from './event-hub.js';
import { recordHttpApi } from './http-api.js';
import { TOKENS } from './hub-environments.js';
import type { Installation } from './installation.js';
import { recordOperatorApi } from './operator-api.js';
import { EVENT_HUB_DIALECTS, HUB_DIALECTS, HUB_TRANSPORT_DIALECTS } from './signalr-client.js';
import { SOCKETIO_DIALECTS } from './socketio-client.js';
import { recordProtocolErrors } from './protocol-errors.js';
import { recordTooManyConnections, recordTooManySessions } from './full-hub.js';
import { recordLimits, recordRefusedTokens, recordUnauthorized } from './strict-hub.js';

const FULL = [...SOCKETIO_DIALECTS, ...HUB_DIALECTS];
const ALL = [...FULL, ...HUB_TRANSPORT_DIALECTS, ...EVENT_HUB_DIALECTS];
const [WEB_SOCKET, POLLING] = SOCKETIO_DIALECTS as [Dialect, Dialect];
const [HUB_POLLING] = HUB_TRANSPORT_DIALECTS as [Dialect];

/** Plays the whole scenario: what goes in and comes out, and what it leaves behind in metrics. */
export async function recordBytes(
  installation: Installation,
): Promise<{ readonly bytes: Section; readonly metrics: Section }> {
  const { nodes, strict, agent } = installation;
  const [one, other] = nodes;
  await useBridges(installation, WEB_SOCKET);
  const bytes = {
    http: await recordHttpApi(one.url),
    operator: await recordOperatorApi(one.url, WEB_SOCKET),
    commands: await each(FULL, (dialect) => recordCommands(one.url, dialect)),
    durable: await each(FULL, (dialect) => recordDurable(one.url, other.url, dialect)),
    eventHub: await each(EVENT_HUB_DIALECTS, (dialect) => recordEventHub(one.url, dialect)),
    protocolErrors: await recordProtocolErrors(one.url),
    unauthorized: await recordUnauthorized(strict.url),
    refusedTokens: await recordRefusedTokens(strict.url, SOCKETIO_DIALECTS),
    limits: await each(FULL, (dialect) => recordLimits(strict.url, dialect)),
    closedByOperator: await recordRemovals(one.url, ALL),
    slowConsumers: await recordSlowConsumers(strict.url, TOKENS.all, [POLLING, HUB_POLLING]),
    tooManySessions: await recordTooManySessions(strict.url, FULL),
    tooManyConnections: await recordTooManyConnections(strict.url, FULL),
    agent: await recordAgent(installation),
  };
  const metrics = {
    hub: await recordMetrics([one.url, other.url, strict.url]),
    agent: await recordMetrics([agent.url]),
  };
  return { bytes: { ...bytes, draining: await recordDrain(other, ALL) }, metrics };
}

async function each(
  dialects: readonly Dialect[],
  record: (dialect: Dialect) => Promise<Section>,
): Promise<Section> {
  const sections: Record<string, Section> = {};
  for (const dialect of dialects) sections[dialect.name] = await record(dialect);
  return sections;
}
