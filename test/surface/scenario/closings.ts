import type { Section } from '../document.js';
import { METHODS } from '../names.js';
import { httpExchange } from '../wire/http-exchange.js';
import { waitUntil } from '../../support/wait-until.js';
import type { CommandClient, Dialect } from './command-client.js';
import { HttpScript } from './http-script.js';

/** How clients of each dialect see that an operator has closed their connection. */
export async function recordRemovals(url: string, dialects: readonly Dialect[]): Promise<Section> {
  return eachDialect(dialects, async (dialect) => {
    const client = await dialect.connect(url);
    const path = `/v1/connections/${client.connectionId}`;
    await httpExchange(url, { method: 'DELETE', path });
    await client.conversation.end('closed by an operator');
    return client;
  });
}

/** How clients of each dialect see that their node stops, and what the node answers meanwhile. */
export async function recordDrain(
  node: { readonly url: string; stop(): Promise<unknown> },
  dialects: readonly Dialect[],
): Promise<Section> {
  const clients = await Promise.all(dialects.map((dialect) => dialect.connect(node.url)));
  const stopped = node.stop();
  await waitUntil(
    async () => (await httpExchange(node.url, { path: '/health/ready' })).status === 503,
    'the node to be draining',
  );
  const script = new HttpScript(node.url);
  await script.request('readiness while draining', { path: '/health/ready' });
  await Promise.all(clients.map(({ conversation }) => conversation.end('node stops')));
  await stopped;
  const closings = clients.map((client, index) => [dialects[index]?.name ?? '', lastStep(client)] as const);
  return { ...script.steps, ...Object.fromEntries(closings) };
}

/** What becomes of clients that do not poll while more arrives than the hub keeps for them. How much still reaches them is chance. */
export async function recordSlowConsumers(
  url: string,
  token: string,
  dialects: readonly Dialect[],
): Promise<Section> {
  const closings = await eachDialect(dialects, async (dialect) => {
    const client = await dialect.connect(url, { token });
    const event = `ev-${dialect.name}-slow`;
    await client.call('subscribe', METHODS.subscribe, [event, 'row 7']);
    client.conversation.connection.polling?.pause();
    await flood(url, token, event, client.connectionId);
    client.conversation.connection.polling?.resume();
    await client.conversation.end('too slow');
    return client;
  });
  return Object.fromEntries(Object.entries(closings).map(([name, { closed = '' }]) => [name, { closed }]));
}

/** Triggers until the hub has closed the connection. */
async function flood(url: string, token: string, event: string, connectionId: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/plain' };
  const trigger = { method: 'POST', path: `/v1/events/${event}/trigger`, headers, body: 'd'.repeat(1_000) };
  await waitUntil(async () => {
    await httpExchange(url, trigger);
    const found = await httpExchange(url, { path: `/v1/connections/${connectionId}`, headers });
    return found.status === 404;
  }, 'the slow consumer to be closed');
}

async function eachDialect(
  dialects: readonly Dialect[],
  record: (dialect: Dialect) => Promise<CommandClient>,
): Promise<Readonly<Record<string, Section>>> {
  const sections: Record<string, Section> = {};
  for (const dialect of dialects) sections[dialect.name] = lastStep(await record(dialect));
  return sections;
}

function lastStep({ conversation }: CommandClient): Section {
  return { ...Object.values(conversation.steps).at(-1) };
}
