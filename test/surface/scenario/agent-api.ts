import type { Section } from '../document.js';
import { METRICS } from '../names.js';
import { waitUntil } from '../../support/wait-until.js';
import { httpExchange, type HttpRequest } from '../wire/http-exchange.js';
import { CONFIGURED, OPERATOR_TOKEN } from './agent-environment.js';
import { HttpScript, sortedItems } from './http-script.js';
import type { Installation } from './installation.js';

const HEADERS = { authorization: `Bearer ${OPERATOR_TOKEN}` };
const JSON_HEADERS = { ...HEADERS, 'content-type': 'application/json' };
/** It is not due before the recording is over. */
const BY_HAND = { ViewModel: 'Run', RootId: '8', data: 'by hand', ExecuteEarliest: '2099-01-01T00:00:00Z' };

/** Requests that are refused, by what is wrong with them. */
const REFUSED: Readonly<Record<string, HttpRequest>> = {
  'no token': { path: '/tickets' },
  'an unknown ticket': { path: '/tickets/nobody', headers: HEADERS },
  'a retry of an unknown ticket': { method: 'POST', path: '/tickets/nobody/retry', headers: HEADERS },
  'an unknown state': { path: '/tickets?state=lost', headers: HEADERS },
  'a malformed ticket': { method: 'POST', path: '/tickets', headers: JSON_HEADERS, body: '{"ViewModel":7}' },
  'an unknown hub': put('/subscriptions/nobody/ev-agent-put', { cookie: 'Viewmodel=Run&RootId=9' }),
  'a subscription of the configuration': {
    method: 'DELETE',
    path: `/subscriptions/main/${CONFIGURED.done}`,
    headers: HEADERS,
  },
  'an unknown path': { path: '/nowhere' },
  'another method': { method: 'PUT', path: '/tickets', headers: HEADERS },
};

/** The agent makes tickets of deliveries, calls handlers, and answers its operators. */
export async function recordAgent({ nodes, agent, handlers }: Installation): Promise<Section> {
  const script = new HttpScript(agent.url);
  await subscribed(agent);
  const calls = handlers.calls.length;
  for (const eventguid of Object.values(CONFIGURED)) await trigger(nodes[0].url, eventguid);
  await ticketsIn(agent.url, 'done', 1);
  await ticketsIn(agent.url, 'failed', 1);
  await operate(script, agent.url);
  for (const [fault, request] of Object.entries(REFUSED)) await script.request(`refused: ${fault}`, request);
  await script.request('live', { path: '/health/live' });
  await script.request('ready', { path: '/health/ready' });
  return { requests: script.steps, 'calls of handlers': callsOf(handlers, calls) };
}

async function operate(script: HttpScript, url: string): Promise<void> {
  await script.request('done tickets', { path: '/tickets?state=done', headers: HEADERS });
  const failed = await script.request('failed tickets', { path: '/tickets?state=failed', headers: HEADERS });
  const id = (JSON.parse(failed) as { items: { id: string }[] }).items[0]?.id ?? '';
  await script.request('ticket', { path: `/tickets/${id}`, headers: HEADERS });
  const retry = { method: 'POST', path: `/tickets/${id}/retry`, headers: HEADERS };
  await script.request('ticket retried', retry, withoutState);
  await ticketsIn(url, 'failed', 1);
  await script.request('ticket removed', { method: 'DELETE', path: `/tickets/${id}`, headers: HEADERS });
  await script.request('ticket by hand', {
    method: 'POST',
    path: '/tickets',
    headers: JSON_HEADERS,
    body: JSON.stringify(BY_HAND),
  });
  await script.request(
    'subscribe',
    put('/subscriptions/main/ev-agent-put', { cookie: 'Viewmodel=Run&RootId=9' }),
  );
  await script.request('subscriptions', { path: '/subscriptions', headers: HEADERS }, sortedItems);
  await script.request('unsubscribe', {
    method: 'DELETE',
    path: '/subscriptions/main/ev-agent-put',
    headers: HEADERS,
  });
}

/** A ticket that is due may have been begun, or be over, already. */
function withoutState(body: string): string {
  return body.replace(/("Error":).*("state":)"\w+",("attempts":)\d/, '$1<any>,$2<any>,$3<any>');
}

function callsOf({ calls }: Installation['handlers'], since: number): readonly string[] {
  return calls.slice(since).map(({ method, path, headers, body }) => {
    const ours = Object.entries(headers).filter(
      ([name]) => name.startsWith('ringback-') || name === 'content-type',
    );
    const shown = ours.map(([name, value]) => `${name}: ${String(value)}`).toSorted();
    return [`${method} ${path}`, ...shown, body].join(' | ');
  });
}

async function subscribed({ url }: { readonly url: string }): Promise<void> {
  await waitUntil(async () => {
    const metrics = (await httpExchange(url, { path: '/metrics' })).bytes.toString();
    const { bytes } = await httpExchange(url, { path: '/subscriptions', headers: HEADERS });
    const active = bytes.toString().split('"state":"active"').length - 1;
    return metrics.includes(`${METRICS.hubConnected}{hub="main"} 1`) && active === 2;
  }, 'the subscriptions of the agent');
}

async function ticketsIn(url: string, state: string, count: number): Promise<void> {
  await waitUntil(async () => {
    const { bytes } = await httpExchange(url, { path: `/tickets?state=${state}`, headers: HEADERS });
    return (JSON.parse(bytes.toString()) as { items: unknown[] }).items.length === count;
  }, `${count} tickets that are ${state}`);
}

async function trigger(url: string, eventguid: string): Promise<void> {
  const headers = { 'content-type': 'text/plain' };
  await httpExchange(url, { method: 'POST', path: `/v1/events/${eventguid}/trigger`, headers, body: 'paid' });
}

function put(path: string, body: object): HttpRequest {
  return { method: 'PUT', path, headers: JSON_HEADERS, body: JSON.stringify(body) };
}
