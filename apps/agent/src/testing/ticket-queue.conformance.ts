import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HubError } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import { FinalError } from '../tickets/final-error.js';
import type { Ticket, TicketState } from '../tickets/ticket.js';
import type { QueueOptions, TicketQueue } from '../tickets/ticket-queue.port.js';
import { gate } from './gate.js';
import { makeDelivered, makeTicket, QUEUE_OPTIONS } from './ticket-samples.js';

/** Makes queues that are empty at first; `close` ends them all. */
export interface QueueHouse {
  queue(options?: Partial<QueueOptions>): TicketQueue;
  close(): Promise<void>;
}

const SWEPT_WITHIN_MS = 12_000;
const NEVER_MS = 60_000;

/** What every adapter of the port `TicketQueue` has to do. */
export function describeTicketQueue(name: string, open: () => Promise<QueueHouse>): void {
  describe(`${name} as a ticket queue`, () => {
    let house: QueueHouse;
    let queue: TicketQueue;
    const executed: Ticket[] = [];

    beforeEach(async () => {
      executed.length = 0;
      house = await open();
      queue = house.queue();
    });

    afterEach(async () => {
      await house.close();
    });

    const record = async (ticket: Ticket): Promise<void> => {
      executed.push(ticket);
    };
    const fail = (error: Error) => async (ticket: Ticket) => {
      executed.push(ticket);
      throw error;
    };
    const inState = async (id: string, state: TicketState): Promise<Ticket> => {
      const ticket = await waitFor(
        async () => {
          const found = await queue.get(id);
          return found?.state === state ? found : undefined;
        },
        `the ticket to be ${state}`,
        SWEPT_WITHIN_MS,
      );
      if (!ticket) throw new Error('no ticket');
      return ticket;
    };
    const gone = (id: string): Promise<boolean> =>
      waitFor(async () => (await queue.get(id)) === undefined, 'the removal', SWEPT_WITHIN_MS);
    const codeOf = async (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'none',
        (error: unknown) => HubError.from(error).code,
      );

    it('keeps a ticket as it was made until somebody carries tickets out', async () => {
      const ticket = makeDelivered('e:1', { data: 'open', executeEarliest: 1 });
      expect(await queue.add(ticket)).toBe('stored');
      expect(await queue.get(ticket.id)).toEqual({ ...ticket, state: 'waiting', attempts: 0 });
      expect(await queue.counts()).toEqual({ active: 0, waiting: 1, delayed: 0, failed: 0, done: 0 });
    });

    it('carries a ticket out once and keeps its receipt with Done and DeleteTime', async () => {
      const ticket = makeTicket();
      queue.start(record);
      await queue.add(ticket);
      const done = await inState(ticket.id, 'done');
      expect(done).toMatchObject({ attempts: 1, done: expect.any(Number) });
      expect(done.deleteTime).toBe((done.done ?? 0) + 600_000);
      expect(done.error).toBeUndefined();
      expect(executed).toEqual([{ ...ticket, state: 'active', attempts: 0 }]);
    });

    it('knows a delivery again by its id', async () => {
      expect(await queue.add(makeDelivered('e:1'))).toBe('stored');
      expect(await queue.add(makeDelivered('e:1'))).toBe('known');
      expect(await queue.add(makeDelivered('e:2'))).toBe('stored');
      expect((await queue.counts()).waiting).toBe(2);
    });

    it('knows a delivery again after its ticket was removed, and none of another epoch', async () => {
      const ticket = makeDelivered('e:5');
      await queue.add(ticket);
      await queue.remove(ticket.id);
      expect(await queue.get(ticket.id)).toBeUndefined();
      expect(await queue.add(ticket)).toBe('known');
      expect(await queue.add(makeDelivered('e:6'))).toBe('stored');
      expect(await queue.add(makeDelivered('f:5'))).toBe('stored');
    });

    it('removes the receipt when KeepReceiptMinutes are over, and still knows the delivery', async () => {
      const ticket = makeDelivered('e:1', { keepReceiptMinutes: 0 });
      queue.start(record);
      await queue.add(ticket);
      await gone(ticket.id);
      expect(await queue.add(ticket)).toBe('known');
      expect(executed).toHaveLength(1);
    });

    it('leaves a ticket alone before ExecuteEarliest', async () => {
      const [later, soon] = [
        makeTicket({ executeEarliest: Date.now() + NEVER_MS }),
        makeTicket({ executeEarliest: Date.now() + 300 }),
      ];
      queue.start(record);
      await queue.add(later);
      await queue.add(soon);
      expect((await queue.get(soon.id))?.state).toBe('delayed');
      const { done } = await inState(soon.id, 'done');
      expect(done).toBeGreaterThanOrEqual(soon.executeEarliest ?? 0);
      expect((await queue.get(later.id))?.state).toBe('delayed');
    });

    it('tries again after a failure, with the Error of the last attempt on the ticket, until it succeeds', async () => {
      const ticket = makeTicket();
      const seen: (string | undefined)[] = [];
      queue.start(async (attempt) => {
        seen.push(attempt.error);
        if (seen.length < 3) throw new Error(`no ${seen.length}`);
      });
      await queue.add(ticket);
      expect(await inState(ticket.id, 'done')).toMatchObject({ attempts: 3 });
      expect(seen).toEqual([undefined, 'no 1', 'no 2']);
    });

    it('has failed when all attempts are used up, and begins with all of them when it is retried', async () => {
      const ticket = makeTicket();
      queue.start(fail(new Error('down')));
      await queue.add(ticket);
      expect(await inState(ticket.id, 'failed')).toMatchObject({ attempts: 3, error: 'down' });
      await queue.retry(ticket.id);
      await waitFor(() => executed.length === 6);
      expect(await inState(ticket.id, 'failed')).toMatchObject({ attempts: 3, error: 'down' });
    });

    it('has failed at once where trying again is of no use', async () => {
      const ticket = makeTicket();
      queue.start(fail(new FinalError('unknown ViewModel')));
      await queue.add(ticket);
      expect(await inState(ticket.id, 'failed')).toMatchObject({ attempts: 1, error: 'unknown ViewModel' });
      expect(executed).toHaveLength(1);
    });

    it('succeeds when a failed ticket is retried after the cause is gone', async () => {
      const ticket = makeTicket();
      let isBroken = true;
      queue.start(async () => {
        if (isBroken) throw new FinalError('broken');
      });
      await queue.add(ticket);
      await inState(ticket.id, 'failed');
      isBroken = false;
      await queue.retry(ticket.id);
      const done = await inState(ticket.id, 'done');
      expect(done.error).toBeUndefined();
    });

    it('retries and removes nothing that is not there or not ready for it', async () => {
      const ticket = makeTicket();
      const work = gate();
      queue.start(() => work.opened);
      await queue.add(ticket);
      await inState(ticket.id, 'active');
      expect(await codeOf(queue.remove(ticket.id))).toBe('bad-request');
      expect(await codeOf(queue.retry(ticket.id))).toBe('bad-request');
      expect(await codeOf(queue.remove('nobody'))).toBe('not-found');
      expect(await codeOf(queue.retry('nobody'))).toBe('not-found');
      work.open();
      await inState(ticket.id, 'done');
    });

    it('carries out no more at a time than it may', async () => {
      let running = 0;
      let most = 0;
      queue.start(async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
      });
      const tickets = Array.from({ length: 20 }, () => makeTicket());
      await Promise.all(tickets.map((ticket) => queue.add(ticket)));
      await waitFor(async () => (await queue.counts()).done === 20);
      expect(most).toBeLessThanOrEqual(QUEUE_OPTIONS.concurrency);
    });

    it('takes no more unfinished tickets than it may hold', async () => {
      queue = house.queue({ mostTickets: 2 });
      await queue.add(makeTicket());
      await queue.add(makeTicket({ executeEarliest: Date.now() + NEVER_MS }));
      expect(await codeOf(queue.add(makeTicket()))).toBe('too-many-commands');
    });

    it('keeps no more failed tickets than it may, the latest', async () => {
      queue = house.queue({ mostFailed: 1 });
      queue.start(fail(new FinalError('no')));
      const [first, second] = [makeDelivered('e:1'), makeDelivered('e:2')];
      await queue.add(first);
      await inState(first.id, 'failed');
      await queue.add(second);
      await gone(first.id);
      expect((await queue.get(second.id))?.state).toBe('failed');
      expect(await queue.add(first)).toBe('known');
    });

    it('lists all tickets page by page, each once, and by state and ViewModel', async () => {
      const tickets = Array.from({ length: 5 }, (_, at) => makeDelivered(`e:${at + 1}`));
      const other = makeTicket({ viewModel: 'Invoice', executeEarliest: Date.now() + NEVER_MS });
      for (const ticket of [...tickets, other]) await queue.add(ticket);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await queue.list({ limit: 2, ...(cursor !== undefined && { cursor }) });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(seen.toSorted()).toEqual([...tickets, other].map(({ id }) => id).toSorted());
      const ids = async (filter: object): Promise<string[]> =>
        (await queue.list({ limit: 10, ...filter })).items.map(({ id }) => id);
      expect(await ids({ state: 'delayed' })).toEqual([other.id]);
      expect(await ids({ viewModel: 'Invoice' })).toEqual([other.id]);
      expect(await ids({ hub: 'main' })).toHaveLength(5);
      expect(await codeOf(queue.list({ limit: 1, cursor: 'nonsense' }))).toBe('bad-request');
    });

    it('begins nothing after it was stopped, and waits for what is under way', async () => {
      const work = gate();
      queue.start(async (ticket) => {
        executed.push(ticket);
        await work.opened;
      });
      const [first, second] = [makeTicket(), makeTicket()];
      await queue.add(first);
      await inState(first.id, 'active');
      const stopped = queue.stop(NEVER_MS);
      await queue.add(second);
      work.open();
      expect(await stopped).toBe(true);
      expect(executed.map(({ id }) => id)).toEqual([first.id]);
      expect((await queue.get(first.id))?.state).toBe('done');
      expect((await queue.get(second.id))?.state).toBe('waiting');
    });

    it('says so when what is under way does not end in time', async () => {
      const work = gate();
      queue.start(() => work.opened);
      const ticket = makeTicket();
      await queue.add(ticket);
      await inState(ticket.id, 'active');
      expect(await queue.stop(1)).toBe(false);
      await queue.close(); // does not wait for it either
      work.open();
    });

    it.each<[string, unknown]>([
      ['nothing', undefined],
      ['what is no text', Object.create(null)],
      ['an error whose message is no text', Object.assign(new Error(), { message: 7 })],
    ])('puts an Error on the ticket of a handler that throws %s', async (_what, thrown) => {
      queue = house.queue({ attempts: 1 });
      queue.start(async () => {
        throw thrown;
      });
      const ticket = makeTicket();
      await queue.add(ticket);
      expect((await inState(ticket.id, 'failed')).error).toEqual(expect.stringMatching(/./));
    });

    it('begins a ticket anew once, however many ask for it at a time', async () => {
      const ticket = makeTicket();
      const work = gate();
      queue.start(async (attempt) => {
        executed.push(attempt);
        if (executed.length === 1) throw new FinalError('no');
        await work.opened;
      });
      await queue.add(ticket);
      await inState(ticket.id, 'failed');
      const codes = await Promise.all([1, 2, 3].map(() => codeOf(queue.retry(ticket.id))));
      expect(codes.toSorted()).toEqual(['bad-request', 'bad-request', 'none']);
      await inState(ticket.id, 'active');
      work.open();
      await inState(ticket.id, 'done');
    });

    it('takes no name of anything else for that of a ticket', async () => {
      await queue.add(makeTicket());
      for (const name of ['meta', 'wait', 'id', 'nobody'])
        expect([await codeOf(queue.remove(name)), await codeOf(queue.retry(name))]).toEqual([
          'not-found',
          'not-found',
        ]);
    });
  });
}
