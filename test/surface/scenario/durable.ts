import type { Section } from '../document.js';
import { METHODS } from '../names.js';
import { httpExchange } from '../wire/http-exchange.js';
import { waitUntil } from '../../support/wait-until.js';
import { positionIn, type CommandClient, type Dialect } from './command-client.js';

const { subscribe, trigger, acknowledge } = METHODS;
const COOKIE = 'row 7';

/**
 * A subscriber with a name: acknowledges, leaves, comes back in both ways, and is taken over by a connection at the other node.
 */
export async function recordDurable(url: string, otherUrl: string, dialect: Dialect): Promise<Section> {
  const name = { subscriberId: `worker-${dialect.name}` };
  const events = { one: `ev-${dialect.name}-durable`, shot: `ev-${dialect.name}-durable-one-shot` };
  const first = await dialect.connect(url, name);
  await acknowledgeSome(first, events);
  await leave(url, name.subscriberId, first);
  for (const event of Object.values(events)) await missed(url, event);
  const second = await dialect.connect(url, { ...name, resume: 'on-subscribe' });
  await second.call('subscribe to resume', subscribe, [events.one, COOKIE], 2);
  const third = await dialect.connect(otherUrl, name);
  await second.conversation.end('session taken over');
  const replayed = await third.conversation.receive('resumed on connect', 3);
  await acknowledgeAll(third, events, replayed);
  await third.conversation.connection.close();
  return {
    'first connection': first.conversation.steps,
    'resume on subscribe': second.conversation.steps,
    'resume on connect': third.conversation.steps,
  };
}

type Events = { readonly one: string; readonly shot: string };

async function acknowledgeSome(client: CommandClient, { one, shot }: Events): Promise<void> {
  await client.call('subscribe', subscribe, [one, COOKIE]);
  await client.call('subscribe to a one-shot', subscribe, [shot, COOKIE]);
  const delivery = await client.call('trigger', trigger, [one, 'first'], 1);
  await client.call('acknowledge', acknowledge, [one, positionIn(delivery)]);
  await client.call('acknowledge what is not subscribed', acknowledge, ['ev-nobody', 'unknown:1']);
  await client.call('acknowledge what is not delivered', acknowledge, [one, nextPosition(delivery)]);
  await client.call('subscribe with presence', subscribe, [one, COOKIE, { presence: true }]);
}

/** Acknowledged in the order of offsets, so that the last is stored. */
async function acknowledgeAll(
  client: CommandClient,
  events: Events,
  received: readonly string[],
): Promise<void> {
  for (const event of Object.values(events)) {
    const positions = received.filter((text) => text.includes(`"${event}"`)).map(positionIn);
    const last = positions.toSorted((one, other) => one.localeCompare(other)).at(-1);
    await client.call(`acknowledge what was resumed of ${event}`, acknowledge, [event, last]);
  }
}

/** Resolves once the session has no connection any more. */
async function leave(url: string, subscriberId: string, { conversation }: CommandClient): Promise<void> {
  await conversation.connection.close();
  await offline(url, subscriberId);
}

/** Waits until the hub knows that the subscriber has left. */
async function offline(url: string, subscriberId: string): Promise<void> {
  const path = `/v1/sessions/${encodeURIComponent(`n:anonymous/${subscriberId}`)}`;
  await waitUntil(async () => {
    const { bytes } = await httpExchange(url, { path });
    return bytes.toString().includes('"expiresAt"');
  }, `${subscriberId} to be offline`);
}

/** Something to be missed: one that only ends the subscription where it is a one-shot. */
async function missed(url: string, event: string): Promise<void> {
  const removeAfterSend = event.endsWith('one-shot');
  for (const data of removeAfterSend ? ['missed'] : ['second', 'third']) {
    const body = JSON.stringify({ data, removeAfterSend });
    const headers = { 'content-type': 'application/json' };
    await httpExchange(url, { method: 'POST', path: `/v1/events/${event}/trigger`, headers, body });
  }
}

function nextPosition(received: string): string {
  const [epoch = '', offset] = positionIn(received).split(':');
  return `${epoch}:${Number(offset) + 1}`;
}
