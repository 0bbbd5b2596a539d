import type { Section } from '../document.js';
import { METHODS } from '../names.js';
import { positionIn, type CommandClient, type Dialect } from './command-client.js';
import { recordPresence } from './presence.js';
import { sendErrors } from './command-errors.js';

const { subscribe, unsubscribe, trigger, describe } = METHODS;
const COOKIE = 'row 7';

/** Every command with each shape of its reply, each kind of delivery, and presence. */
export async function recordCommands(url: string, dialect: Dialect): Promise<Section> {
  const client = await dialect.connect(url);
  const event = (name: string): string => `ev-${dialect.name}-${name}`;
  await changeSubscription(client, event('subscription'));
  await triggerEvent(client, event('trigger'));
  await recover(client, event('recovery'));
  await client.call('describe the hub', describe, []);
  await sendErrors(client, event('errors'));
  await client.conversation.connection.close();
  return { ...client.conversation.steps, presence: await recordPresence(url, dialect) };
}

async function changeSubscription(client: CommandClient, event: string): Promise<void> {
  await client.call('subscribe', subscribe, [event, COOKIE]);
  await client.call('change the cookie', subscribe, [event, 'row 8']);
  await client.call('unsubscribe', unsubscribe, [event]);
  await client.call('unsubscribe from what is not subscribed', unsubscribe, [event]);
  await client.call('subscribe again', subscribe, [event, COOKIE]);
  await client.call('unsubscribe by cookie', subscribe, [event, 'EndSubscription']);
  await client.call('unsubscribe by a blank cookie', subscribe, [event, ' ']);
}

async function triggerEvent(client: CommandClient, event: string): Promise<void> {
  const labels = { type: 'order.paid', contentType: 'application/json', source: '/shop', id: '9' };
  await client.call('subscribe to what is triggered', subscribe, [event, COOKIE]);
  await client.call('trigger with text', trigger, [event, 'paid'], 1);
  await client.call('trigger with an object', trigger, [event, { total: 12 }], 1);
  await client.call('trigger without data', trigger, [event], 1);
  await client.call('trigger with labels', trigger, [event, '{}', { ...labels, key: 'key 1' }], 1);
  await client.call('repeat a key', trigger, [event, '{}', { ...labels, key: 'key 1' }]);
  await client.call('trigger with an origin', trigger, [event, 'far', { origin: 'elsewhere/abc:1' }], 1);
  const waiting = { wait: 'delivered', timeoutMs: 9_000 };
  await client.call('trigger and wait', trigger, [event, 'paid', waiting], 1);
  await client.call('trigger a one-shot', trigger, [event, 'last', true], 1);
}

async function recover(client: CommandClient, event: string): Promise<void> {
  const first = await client.call('trigger before a subscription', trigger, [event, 'first']);
  await client.call('trigger what is missed', trigger, [event, 'second']);
  const after = positionIn(first);
  await client.call('recover', subscribe, [event, COOKIE, { after }], 1);
  await client.call('unsubscribe from what was recovered', unsubscribe, [event]);
  await client.call('recover from an unknown position', subscribe, [event, COOKIE, { after: 'unknown:1' }]);
  await client.call('unsubscribe from what was not recovered', unsubscribe, [event]);
  await client.call('trigger a one-shot that is missed', trigger, [
    event,
    'third',
    { removeAfterSend: true },
  ]);
  await client.call('recover up to a one-shot', subscribe, [event, COOKIE, { after }], 2);
}
