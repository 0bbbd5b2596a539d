import type { Section } from '../document.js';
import { METHODS } from '../names.js';
import { waitUntil } from '../../support/wait-until.js';
import { httpExchange } from '../wire/http-exchange.js';
import type { CommandClient, Dialect } from './command-client.js';
import { STRICT_LIMITS, TOKENS } from './hub-environments.js';

const HEADERS = { authorization: `Bearer ${TOKENS.all}` };
/** How the strict hub turns away durable subscribers beyond those that it remembers while they are offline. */
export async function recordTooManySessions(url: string, dialects: readonly Dialect[]): Promise<Section> {
  const [first] = dialects as [Dialect];
  const remembered = await first.connect(url, { token: TOKENS.all, subscriberId: 'worker-remembered' });
  await remembered.call('subscribe', METHODS.subscribe, ['ev-strict-remembered', 'row 7']);
  await remembered.conversation.connection.close();
  await waitUntil(
    async () => (await answer(url, '/v1/sessions')).includes('worker-remembered'),
    'an offline session',
  );
  const bytes: Record<string, Section> = {};
  for (const dialect of dialects) {
    const client = await dialect.connect(url, { token: TOKENS.all, subscriberId: 'worker-beyond' });
    await client.conversation.end('one session too many');
    bytes[dialect.name] = client.conversation.steps['one session too many'] ?? {};
  }
  return bytes;
}

/** How the strict hub turns away connections beyond those that it holds. */
export async function recordTooManyConnections(url: string, dialects: readonly Dialect[]): Promise<Section> {
  const [first] = dialects as [Dialect];
  const clients: CommandClient[] = [];
  while (!(await answer(url, '/v1/connections')).includes(`:${STRICT_LIMITS.connections}}`)) {
    clients.push(await first.connect(url, { token: TOKENS.all }));
  }
  const bytes: Record<string, Section> = {};
  for (const dialect of dialects) {
    const client = await dialect.connect(url, { token: TOKENS.all });
    await client.conversation.end('one connection too many');
    bytes[dialect.name] = client.conversation.steps;
  }
  for (const { conversation } of clients) await conversation.connection.close();
  return bytes;
}

async function answer(url: string, path: string): Promise<string> {
  return (await httpExchange(url, { path, headers: HEADERS })).bytes.toString();
}
