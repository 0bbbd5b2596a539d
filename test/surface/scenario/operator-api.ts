import type { Section } from '../document.js';
import { METHODS } from '../names.js';
import type { CommandClient, Dialect } from './command-client.js';
import { join } from './presence.js';
import { HttpScript, sortedItems } from './http-script.js';

const EVENT = 'ev-operator';
const MEMBERS = 'ev-operator-presence';
const WORKER = encodeURIComponent('n:anonymous/worker-operated');

/** What operators see of one client and one durable subscriber, and how they end subscriptions and connections. */
export async function recordOperatorApi(url: string, dialect: Dialect): Promise<Section> {
  const script = new HttpScript(url);
  const client = await dialect.connect(url);
  const worker = await dialect.connect(url, { subscriberId: 'worker-operated' });
  await client.call('subscribe', METHODS.subscribe, [EVENT, 'row 7']);
  const member = await dialect.connect(url);
  await join(member, MEMBERS);
  await worker.call('subscribe', METHODS.subscribe, [EVENT, 'row 8']);
  await client.call('trigger', METHODS.trigger, [EVENT, 'paid', { type: 'order.paid' }], 1);
  await worker.conversation.receive('delivery');
  await look(script, client);
  await remove(script, client, worker);
  for (const { conversation } of [client, member]) await conversation.connection.close();
  return { requests: script.steps, client: client.conversation.steps };
}

async function look(script: HttpScript, { connectionId }: CommandClient): Promise<void> {
  await script.request('event', { path: `/v1/events/${EVENT}` });
  await script.request('subscriptions', { path: `/v1/events/${EVENT}/subscriptions?limit=200` }, sortedItems);
  const members = `/v1/events/${MEMBERS}/subscriptions`;
  await script.request('subscriptions with presence', { path: members });
  await script.request('history', { path: `/v1/events/${EVENT}/history` });
  await script.request('nodes', { path: '/v1/nodes' }, (body) => withoutNumbers(sortedItems(body)));
  await script.request('events', { path: '/v1/events?limit=1000' }, (body) => `${body.slice(0, 10)}…`);
  await script.request('sessions', { path: '/v1/sessions' }, sortedItems);
  await script.request('connections', { path: '/v1/connections' }, withoutNumbers);
  await script.request('session', { path: `/v1/sessions/${WORKER}` });
  await script.request('connection', { path: `/v1/connections/${connectionId}` });
}

/** Counts depend on what has been closed just before, and on when nodes have last told theirs. */
function withoutNumbers(body: string): string {
  return body.replace(/:\d+(?=[,}])/g, ':<n>');
}

async function remove(script: HttpScript, client: CommandClient, worker: CommandClient): Promise<void> {
  const member = encodeURIComponent(`c:${client.connectionId}`);
  await script.request('subscription removed', {
    method: 'DELETE',
    path: `/v1/events/${EVENT}/subscriptions/${member}`,
  });
  await client.conversation.receive('subscription removed', 1);
  await script.request('connection removed', {
    method: 'DELETE',
    path: `/v1/connections/${worker.connectionId}`,
  });
  await worker.conversation.end('connection removed');
}
