import { SystemClock } from '@ringback/memory';
import { describeTicketQueue } from '../testing/ticket-queue.conformance.js';
import { QUEUE_OPTIONS } from '../testing/ticket-samples.js';
import { MemoryTicketQueue } from './memory-ticket-queue.js';

describeTicketQueue('MemoryTicketQueue', async () => {
  const queues: MemoryTicketQueue[] = [];
  return {
    queue: (options) => {
      const queue = new MemoryTicketQueue({ ...QUEUE_OPTIONS, ...options }, new SystemClock());
      queues.push(queue);
      return queue;
    },
    close: async () => {
      await Promise.all(queues.map((queue) => queue.stop(0)));
    },
  };
});
