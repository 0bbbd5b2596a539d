import { describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { HubError } from '@ringback/contract';
import { RecordingLog, SystemClock } from '@ringback/memory';
import { AgentMetrics } from '../agent-metrics.js';
import { QUEUE_OPTIONS } from '../testing/ticket-samples.js';
import { MemoryTicketQueue } from '../tickets/memory-ticket-queue.js';
import type { SourceDelivery } from './hub-source.port.js';
import { MemorySubscriptionBook } from './memory-subscription-book.js';
import { PatientDeliveries } from './patient-deliveries.js';
import { TicketIntake } from './ticket-intake.js';

const COOKIE = 'Viewmodel=Alarm&RootId=7';

function patient(deliver: (delivery: SourceDelivery) => Promise<void>): PatientDeliveries {
  const [metrics, log] = [new AgentMetrics(), new RecordingLog()];
  return new PatientDeliveries({ hub: 'model', listener: { deliver }, metrics, log });
}

describe('deliveries of a hub that repeats none', () => {
  it('make one ticket each, though the store takes one and its answer is lost', async () => {
    const [queue, book] = [
      new MemoryTicketQueue(QUEUE_OPTIONS, new SystemClock()),
      new MemorySubscriptionBook(),
    ];
    await book.replace('model', undefined, {
      eventguid: 'a',
      cookie: COOKIE,
      once: false,
      keepReceiptMinutes: 10,
      wantedBy: 'operator',
      state: 'active',
      version: '1',
    });
    const intake = new TicketIntake(queue, book, new AgentMetrics());
    let stored = 0;
    const deliveries = patient(async (delivery) => {
      await intake.take('model', delivery);
      if (++stored === 1) throw new HubError('relay-unavailable');
    });
    deliveries.take('a', COOKIE, 'x');
    deliveries.take('a', COOKIE, 'x');
    await deliveries.ended();
    expect(stored).toBe(3);
    expect((await queue.counts()).waiting).toBe(2);
  });

  it('are stored one after the other where the event is the same, beside each other where it is not', async () => {
    const [seen, ends]: [string[], (() => void)[]] = [[], []];
    const deliveries = patient(async ({ eventguid, data }) => {
      seen.push(`${eventguid}${data}`);
      await new Promise<void>((resolve) => ends.push(resolve));
    });
    for (const [eventguid, data] of [
      ['a', '1'],
      ['a', '2'],
      ['b', '1'],
    ] as const)
      deliveries.take(eventguid, COOKIE, data);
    await waitFor(() => ends.length === 2);
    expect(seen).toEqual(['a1', 'b1']);
    ends[0]?.();
    await waitFor(() => ends.length === 3);
    expect(seen).toEqual(['a1', 'b1', 'a2']);
    for (const end of ends) end();
    await deliveries.ended();
  });
});
