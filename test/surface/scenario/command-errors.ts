import { METHODS } from '../names.js';
import type { CommandClient } from './command-client.js';

const { subscribe, unsubscribe, trigger, acknowledge } = METHODS;

/** Commands that are refused, by what is wrong with them. */
function refused(event: string): Readonly<Record<string, readonly [method: string, ...args: unknown[]]>> {
  return {
    'an empty eventguid': [subscribe, '', 'row 7'],
    'a long eventguid': [trigger, 'e'.repeat(257)],
    'an eventguid that is no text': [unsubscribe, 7],
    'a cookie that is no text': [subscribe, event, 7],
    'a cookie that is too long': [subscribe, event, 'c'.repeat(4_097)],
    'an unknown option of a subscription': [subscribe, event, 'row 7', { unknown: true }],
    'a malformed position': [subscribe, event, 'row 7', { after: 'nowhere' }],
    'a malformed presence': [subscribe, event, 'row 7', { presence: 'yes' }],
    'an unknown option of a trigger': [trigger, event, 'data', { delay: 5 }],
    'a malformed removeAfterSend': [trigger, event, 'data', { removeAfterSend: 'yes' }],
    'a malformed key': [trigger, event, 'data', { key: '' }],
    'a malformed type': [trigger, event, 'data', { type: 7 }],
    'a malformed origin': [trigger, event, 'data', { origin: 'nowhere' }],
    'an unknown wait': [trigger, event, 'data', { wait: 'read' }],
    'a malformed timeoutMs': [trigger, event, 'data', { wait: 'delivered', timeoutMs: 0 }],
    'a timeoutMs without wait': [trigger, event, 'data', { timeoutMs: 5 }],
    'data that are too long': [trigger, event, 'd'.repeat(65_537)],
    'an acknowledgement of somebody unnamed': [acknowledge, event, 'unknown:1'],
    'a malformed acknowledgement': [acknowledge, event, 'nowhere'],
    'an unknown method': ['Nope', event],
    'too few arguments': [acknowledge, event],
    'too many arguments': [unsubscribe, event, 'one', 'more'],
  };
}

/** Errors as replies, and as notices where no reply was asked for. */
export async function sendErrors(client: CommandClient, event: string): Promise<void> {
  for (const [name, [method, ...args]] of Object.entries(refused(event))) {
    await client.call(`error: ${name}`, method, args);
  }
  await client.notify('notice: a refused subscription', subscribe, ['', 'row 7']);
  await client.notify('notice: a refused trigger', trigger, [event, 'data', { delay: 5 }]);
  // What is answered only by the protocol itself, if at all, shows in what the next command brings.
  await client.notify('notice: an unknown method', 'Nope', [event], 0);
  await client.notify('notice: too many arguments', unsubscribe, [event, 'one', 'more'], 0);
  await client.call('after the notices', unsubscribe, [event], client.hasProtocolNotices ? 2 : 0);
}
