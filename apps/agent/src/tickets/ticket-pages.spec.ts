import { describe, expect, it } from '@jest/globals';
import { makeTicket } from '../testing/ticket-samples.js';
import type { Ticket } from './ticket.js';
import { readPage } from './ticket-pages.js';

describe('a page of tickets', () => {
  it('ends no state early because a ticket was removed between the list and its look-up', async () => {
    const tickets: Ticket[] = Array.from({ length: 6 }, () => ({
      ...makeTicket(),
      state: 'failed',
      attempts: 1,
    }));
    const found = (from: number, count: number): (Ticket | undefined)[] =>
      tickets.slice(from, from + count).map((ticket, at) => (from + at === 1 ? undefined : ticket));
    const page = await readPage({ limit: 5, state: 'failed' }, async (_state, from, count) =>
      found(from, count),
    );
    const left = tickets.filter((_, index) => index !== 1);
    expect(page.items).toEqual(left);
  });
});
