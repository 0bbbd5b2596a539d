import type { Section } from '../document.js';
import { METHODS } from '../names.js';
import type { CommandClient, Dialect } from './command-client.js';

const { subscribe, unsubscribe, trigger } = METHODS;

/** MDriven's hub: two methods without results, deliveries of three strings, and no notices. */
export async function recordEventHub(url: string, dialect: Dialect): Promise<Section> {
  const client = await dialect.connect(url);
  const event = `ev-${dialect.name}`;
  await client.call('subscribe', subscribe, [event, 'row 7']);
  await client.call('change the cookie', subscribe, [event, 'row 8']);
  await client.call('trigger with text', trigger, [event, 'paid', false], 1);
  await client.call('trigger with an object', trigger, [event, { total: 12 }, false], 1);
  await client.call('trigger without data', trigger, [event, null, false], 1);
  await client.call('trigger a one-shot', trigger, [event, 'last', true], 1);
  await client.notify('subscribe without a reply', subscribe, [event, 'row 7'], 0);
  await client.call('unsubscribe by null', subscribe, [event, null]);
  await client.call('unsubscribe by cookie', subscribe, [event, 'endsubscription']);
  await refuse(client, event);
  await client.conversation.connection.close();
  return client.conversation.steps;
}

async function refuse(client: CommandClient, event: string): Promise<void> {
  await client.call('error: an empty eventguid', subscribe, ['', 'row 7']);
  await client.call('error: removeAfterSend is no boolean', trigger, [event, 'data', 'yes']);
  await client.call('error: a method of the other hub', unsubscribe, [event]);
  await client.call('error: too many arguments', subscribe, [event, 'row 7', null]);
  await client.notify('refused without a reply', subscribe, ['', 'row 7'], 0);
  await client.call('after what was refused', subscribe, [event, '']);
}
