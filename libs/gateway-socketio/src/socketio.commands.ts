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
  readonly min: number;
  readonly max: number;
  readonly parse: (args: Arguments) => Command;
}

const methods = new Map<unknown, Method>([
  [METHODS.subscribe, { min: 2, max: 3, parse: parseMDrivenSubscribe }],
  [METHODS.unsubscribe, { min: 1, max: 1, parse: parseUnsubscribe }],
  [METHODS.acknowledge, { min: 2, max: 2, parse: parseAcknowledge }],
  [METHODS.trigger, { min: 1, max: 3, parse: parseTrigger }],
]);

/** Throws `bad-request` for more or fewer arguments than the method takes. */
export function assertArgumentCount(name: unknown, { length }: Arguments): void {
  const { min, max } = methodOf(name);
  if (length >= min && length <= max) return;
  throw new HubError('bad-request', `The method takes ${min === max ? min : `${min} to ${max}`} arguments.`);
}

/** The command in a message. Throws a `HubError` that says what is wrong with it. */
export function parseCommand(name: unknown, args: Arguments): Command {
  return methodOf(name).parse(args);
}

function methodOf(name: unknown): Method {
  const method = methods.get(name);
  if (!method) throw new HubError('unknown-method');
  return method;
}
