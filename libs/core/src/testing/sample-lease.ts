import type { NodeLease } from '../ports/lease-store.port.js';

/** The lease of a node of which there is nothing else. */
export function sampleLease(nodeId: string): NodeLease {
  const figures = { connections: 0, subscriptions: 0, events: 0, outboxBytes: 0 };
  return { nodeId, generation: 'g', address: 'http://nowhere', version: '0', startedAt: 0, figures };
}
