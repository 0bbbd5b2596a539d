import { endsSubscription } from '@ringback/client';
import { parseEventGuid, parseSubscriberId } from '@ringback/contract';
import type { WantedSubscription } from '../sources/subscription-book.port.js';
import { KEEP_RECEIPT_MINUTES } from '../tickets/ticket.js';
import type { ConfigValue } from './config-value.js';

/** A hub that the agent subscribes at. */
export interface HubConfig {
  /** Part of the identity of each ticket. */
  readonly name: string;
  /** `ringback`: positions, durable subscriber, acknowledgements. `signalr`: an MDrivenServer, or any event hub of three texts. */
  readonly kind: 'ringback' | 'signalr';
  readonly url: string;
  readonly token?: string;
  readonly subscriberId: string;
  readonly subscriptions: readonly WantedSubscription[];
}

const KINDS = ['ringback', 'signalr'] as const;
const LONGEST_RECEIPT_MINUTES = 60 * 24 * 365;

export function readHub(value: ConfigValue): HubConfig {
  const fields = value.fields(['name', 'kind', 'url', 'token', 'subscriberId', 'subscriptions']);
  const url = fields.url.secret();
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    fields.url.fail('is not an http or https URL');
  const subscriptions = fields.subscriptions.items().map(readSubscription);
  assertDistinct(
    subscriptions.map(({ eventguid }) => eventguid),
    fields.subscriptions,
    'subscribes twice to',
  );
  return {
    name: fields.name.text(),
    kind: fields.kind.oneOf(KINDS, 'ringback'),
    url,
    ...(!fields.token.isAbsent && { token: fields.token.secret() }),
    subscriberId: fields.subscriberId.parsed(fields.subscriberId.secret('agent'), parseSubscriberId),
    subscriptions,
  };
}

export function assertDistinct(names: readonly string[], at: ConfigValue, problem: string): void {
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) at.fail(`${problem} ${JSON.stringify(twice)}`);
}

function readSubscription(value: ConfigValue): WantedSubscription {
  const { eventguid, cookie, keepReceiptMinutes } = value.fields([
    'eventguid',
    'cookie',
    'keepReceiptMinutes',
  ]);
  if (endsSubscription(cookie.text())) cookie.fail('would end the subscription');
  return {
    eventguid: eventguid.parsed(eventguid.text(), parseEventGuid),
    cookie: cookie.text(),
    once: false,
    keepReceiptMinutes: keepReceiptMinutes.wholeNumber(KEEP_RECEIPT_MINUTES, 0, LONGEST_RECEIPT_MINUTES),
  };
}
