import { parseEventGuid, type EventGuid, type Trigger } from '@ringback/contract';
import type { HeldSession, LeaseId, NewSubscription, NodeLease, SessionClaim } from '@ringback/core';
import { randomUUID } from 'node:crypto';
import type { NodePorts } from './port-cluster.js';

/** An event that no other test knows. */
export function sampleEvent(): EventGuid {
  return parseEventGuid(randomUUID());
}

export function sampleTrigger(eventguid: EventGuid, more: Partial<Trigger> = {}): Trigger {
  return { eventguid, data: 'data', removeAfterSend: false, ...more };
}

export function sampleSubscription(
  eventguid: EventGuid,
  more: Partial<NewSubscription> = {},
): NewSubscription {
  return {
    eventguid,
    subscriber: `c:${randomUUID()}`,
    subscriptionId: randomUUID(),
    cookie: 'cookie',
    lease: sampleLeaseId(),
    ...more,
  };
}

/** A named subscriber, at a connection of some node. */
export function sampleClaim(more: Partial<SessionClaim> = {}): SessionClaim {
  return {
    subscriber: `n:shop/${randomUUID()}`,
    connectionId: randomUUID(),
    lease: sampleLeaseId(),
    ...more,
  };
}

/** A named subscriber whose session the node has taken. */
export async function takeSession(
  { sessions }: NodePorts,
  more: Partial<SessionClaim> = {},
): Promise<SessionClaim & HeldSession> {
  const claim = sampleClaim(more);
  const { generation } = await sessions.take(claim);
  return { ...claim, generation };
}

/** What a named subscriber subscribes to. */
export function namedSubscription(
  { subscriber, lease }: SessionClaim,
  eventguid: EventGuid,
  more: Partial<NewSubscription> = {},
): NewSubscription {
  return sampleSubscription(eventguid, { subscriber, lease, ...more });
}

export function sampleLeaseId(): LeaseId {
  return { nodeId: `node-${randomUUID()}`, generation: randomUUID() };
}

export function sampleLease(more: Partial<NodeLease> = {}): NodeLease {
  return {
    ...sampleLeaseId(),
    address: 'http://10.0.0.1:8080',
    version: '1.2.3',
    startedAt: Date.now(),
    figures: { connections: 1, subscriptions: 2, events: 3, outboxBytes: 4 },
    ...more,
  };
}
