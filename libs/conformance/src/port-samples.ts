import { parseEventGuid, type EventGuid, type Trigger } from '@ringback/contract';
import type { LeaseId, NewSubscription, NodeLease } from '@ringback/core';
import { randomUUID } from 'node:crypto';

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

function sampleLeaseId(): LeaseId {
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
