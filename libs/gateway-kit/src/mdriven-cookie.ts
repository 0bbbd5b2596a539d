import {
  parseOptions,
  parseSubscribe,
  parseUnsubscribe,
  SUBSCRIBE_OPTIONS,
  type Command,
} from '@ringback/contract';

/**
 * `(eventguid, cookie, options)` as MDriven means it, for protocols that follow it: a cookie that is blank after trimming, or `endsubscription` in any
 * case, unsubscribes. Throws a `HubError` for what is neither.
 */
export function parseMDrivenSubscribe(args: readonly unknown[]): Command {
  const [eventguid, cookie, options] = args;
  if (typeof cookie !== 'string' || !endsSubscription(cookie)) return parseSubscribe(args);
  const command = parseUnsubscribe([eventguid]);
  parseOptions(options, SUBSCRIBE_OPTIONS);
  return command;
}

function endsSubscription(cookie: string): boolean {
  return /^(endsubscription)?$/i.test(cookie.trim());
}
