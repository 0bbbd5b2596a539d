import {
  HubError,
  METHODS,
  parseAcknowledge,
  parseTrigger,
  parseUnsubscribe,
  type Command,
} from '@ringback/contract';
import { parseMDrivenSubscribe } from '@ringback/gateway-kit';

type Arguments = readonly unknown[];

/** How a method reads its arguments, and how many it takes. */
interface Method {
  readonly least: number;
  readonly most: number;
  readonly parse: (args: Arguments) => Command;
}

const methods = new Map<unknown, Method>([
  [METHODS.subscribe, { least: 2, most: 3, parse: parseMDrivenSubscribe }],
  [METHODS.unsubscribe, { least: 1, most: 1, parse: parseUnsubscribe }],
  [METHODS.acknowledge, { least: 2, most: 2, parse: parseAcknowledge }],
  [METHODS.trigger, { least: 1, most: 3, parse: parseTrigger }],
]);

/** The command in a message. Throws a `HubError` that says what is wrong with it. */
export function parseCommand(name: unknown, args: Arguments): Command {
  const method = methods.get(name);
  if (!method) throw new HubError('unknown-method');
  const { least, most, parse } = method;
  if (args.length < least || args.length > most) {
    const expected = least === most ? `${least}` : `${least} to ${most}`;
    throw new HubError('bad-request', `The method takes ${expected} arguments.`);
  }
  return parse(args);
}
