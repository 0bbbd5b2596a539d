import { describe, expect, it } from '@jest/globals';
import { makeDelivered, makeTicket } from '../testing/ticket-samples.js';
import { FinalError } from '../tickets/final-error.js';
import type { Ticket } from '../tickets/ticket.js';
import { fillTemplate, problemOfTemplate } from './url-template.js';

const ticketOf = (fields: Partial<Ticket>): Ticket => ({
  ...makeTicket(),
  state: 'active',
  attempts: 0,
  ...fields,
});

describe('a URL template', () => {
  it('takes each value percent-encoded', () => {
    const ticket = ticketOf({ ...makeDelivered('e:1'), viewModel: 'a/b', rootId: '4&2!?#', data: 'ä {id}' });
    const template =
      'https://app.example.com/{ViewModel}/{RootId}?of={eventguid}&d={data}&p={position}&h={hub}';
    expect(fillTemplate(template, ticket)).toBe(
      'https://app.example.com/a%2Fb/4%262!%3F%23?of=door&d=%C3%A4%20%7Bid%7D&p=e%3A1&h=main',
    );
  });

  it.each(['.', '..', '%2e', '%2E.'])('refuses to lead elsewhere by %s', (rootId) => {
    // What is percent-encoded already is encoded once more, and harmless.
    const fill = (): string => fillTemplate('https://a.example/run/{RootId}/x', ticketOf({ rootId }));
    if (rootId.startsWith('%')) expect(new URL(fill()).pathname).toContain('/run/%25');
    else expect(fill).toThrow(FinalError);
  });

  it('refuses dots that two values make together', () => {
    const ticket = ticketOf({ viewModel: '.', rootId: '.' });
    expect(() => fillTemplate('https://a.example/{ViewModel}{RootId}/x', ticket)).toThrow(FinalError);
  });

  it('refuses text that cannot be encoded', () => {
    const ticket = ticketOf({ rootId: '\ud800' });
    expect(() => fillTemplate('https://a.example/{RootId}', ticket)).toThrow(FinalError);
  });

  it.each([
    ['https://a.example/run/{ViewModel}/{RootId}?d={data}', undefined],
    ['http://127.0.0.1:3000/', undefined],
    ['ftp://a.example/', 'http or https'],
    ['no URL', 'http or https'],
    ['https://{RootId}.example/', 'behind its host'],
    ['https://a.example{RootId}/', 'behind its host'],
    ['{data}', 'http or https'],
    ['https://user:pass@a.example/', 'credentials'],
    ['https://a.example/{rootid}', '{rootid}'],
    ['https://a.example/{constructor}', '{constructor}'],
  ])('%s is judged when the configuration is read', (template, problem) => {
    const found = problemOfTemplate(template);
    expect(found ?? 'none').toContain(problem ?? 'none');
  });
});
