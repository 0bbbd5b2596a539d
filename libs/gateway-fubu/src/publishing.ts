import { formatPosition, HubError, type Trigger } from '@ringback/contract';
import type { Hub, Identity } from '@ringback/core';
import { randomUUID } from 'node:crypto';

/** Triggers in order, without one waiting for the one before. Resolves to their positions; rejects with the first failure once it is known what became of all. */
export async function publishAll(
  hub: Pick<Hub, 'trigger'>,
  identity: Identity,
  triggers: readonly Trigger[],
): Promise<readonly string[]> {
  const sender = randomUUID(); // keeps their order where a guard has to be awaited
  const published = triggers.map((trigger) => hub.trigger(identity, trigger, { sender }));
  const outcomes = await Promise.allSettled(published);
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw HubError.from(outcome.reason);
    return formatPosition(outcome.value.position);
  });
}
