import type { AgentMetrics } from './agent-metrics.js';
import type { Readiness } from '@ringback/http-kit';
import type { SubscriptionDesk } from './sources/subscription-desk.js';
import type { TicketQueue } from './tickets/ticket-queue.port.js';

/** What the HTTP side of an agent is made of. */
export interface AgentParts {
  readonly queue: TicketQueue;
  readonly desk: SubscriptionDesk;
  readonly metrics: AgentMetrics;
  readonly readiness: Readiness;
}

/** Under this token the module keeps them. */
export const AGENT_PARTS = Symbol('AgentParts');
