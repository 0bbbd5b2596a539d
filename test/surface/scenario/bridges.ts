import { BRIDGE_OUTCOMES, METHODS } from '../names.js';
import { outcomeOf } from './bridge-metrics.js';
import { waitUntil } from '../../support/wait-until.js';
import { httpExchange } from '../wire/http-exchange.js';
import type { Dialect } from './command-client.js';
import { BRIDGED, STRICT_LIMITS, TOKENS } from './hub-environments.js';
import type { Installation } from './installation.js';

const { passed, cut, echo, broken, refused } = BRIDGE_OUTCOMES;

/** Lets both bridges carry something with every outcome that can be brought about: it shows in metrics and in Redis. */
export async function useBridges({ nodes, strict }: Installation, dialect: Dialect): Promise<void> {
  const urls = nodes.map(({ url }) => url);
  await carryOnInterest(nodes[1].url, strict.url, dialect);
  for (const event of [BRIDGED.in, BRIDGED.both, BRIDGED.plain]) await reaches(strict.url, event);
  await trigger(strict.url, BRIDGED.in, 'in');
  await carryOut(nodes[0].url);
  for (const outcome of [passed, refused, cut]) await outcomeOf(urls, 'ring', outcome);
  for (const outcome of [passed, echo]) await outcomeOf(urls, 'plain', outcome);
  for (let count = 0; count < 5; count++) await trigger(strict.url, BRIDGED.plain, 'again');
  await outcomeOf(urls, 'plain', broken);
}

/** Subscribes at the node that does not lead the bridges, which tells the other one. */
async function carryOnInterest(url: string, remoteUrl: string, dialect: Dialect): Promise<void> {
  const event = `${BRIDGED.interest}-1`;
  const subscriber = await dialect.connect(url);
  await subscriber.call('subscribe', METHODS.subscribe, [event, 'row 7']);
  await reaches(remoteUrl, event);
  await trigger(remoteUrl, event, 'wanted');
  await subscriber.conversation.receive('delivery');
  await subscriber.conversation.connection.close();
}

/** One that the remote hub takes, one that is too long for it, and two that come back. */
async function carryOut(url: string): Promise<void> {
  await trigger(url, BRIDGED.out, 'out');
  await trigger(url, BRIDGED.out, 'd'.repeat(2 * STRICT_LIMITS.dataBytes));
  await trigger(url, BRIDGED.both, 'round');
  await trigger(url, BRIDGED.plain, 'round');
}

/** Waits until somebody is subscribed to an event at the strict hub. */
async function reaches(url: string, event: string): Promise<void> {
  const request = { path: `/v1/events/${event}`, headers: { authorization: `Bearer ${TOKENS.all}` } };
  await waitUntil(async () => {
    const { status, bytes } = await httpExchange(url, request);
    return status === 200 && (JSON.parse(bytes.toString()) as { subscribers: number }).subscribers > 0;
  }, `a subscription of the bridge to ${event}`);
}

async function trigger(url: string, event: string, body: string): Promise<void> {
  const headers = { authorization: `Bearer ${TOKENS.all}`, 'content-type': 'text/plain' };
  await httpExchange(url, { method: 'POST', path: `/v1/events/${event}/trigger`, headers, body });
}
