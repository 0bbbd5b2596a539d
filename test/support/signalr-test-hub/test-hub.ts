import { checkedMethod, type HubContext, type HubDefinition } from '@ringback/signalr';
import { isObject, isText } from './argument-checks.js';
import { sendComplexObject } from './complex-object.js';
import { cookieOf } from './cookies.js';
import { InvalidOperationException } from './invalid-operation-exception.js';

interface CustomObject {
  readonly Name: string | null;
  readonly Value: number;
}

const isCustomObject = (value: unknown): value is CustomObject =>
  isObject(value) &&
  'Name' in value &&
  isText(value.Name) &&
  'Value' in value &&
  Number.isInteger(value.Value);

const throwing = (_: HubContext, message: string | null): never => {
  throw new InvalidOperationException(message ?? '');
};

const concat = async (_: HubContext, items: AsyncIterable<string>): Promise<string> => {
  let all = '';
  for await (const item of items) all += item;
  return all;
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** A stream without items, whose client is told once it has cancelled it, even if nobody has asked for an item by then. */
const infiniteStream = ({ signal, clients }: HubContext): AsyncIterable<never> => {
  const told = aborted(signal)
    .then(() => clients.caller.send('StreamCanceled'))
    .catch((error: unknown) => process.emitWarning(String(error)));
  const next = async (): Promise<IteratorResult<never, undefined>> => {
    await told;
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
};

/** The hub of the vendor's functional suite: its methods, names and texts are those that the suite asks for. */
export const testHub: HubDefinition = {
  methods: {
    Echo: checkedMethod([isText], (_, message) => message),
    EchoComplexObject: checkedMethod([isObject], (_, value) => value),
    SendComplexObject: { call: ({ protocol }: HubContext) => sendComplexObject(protocol) },
    InvokeWithString: checkedMethod([isText], ({ clients }, text) => clients.caller.send('Message', text)),
    SendCustomObject: checkedMethod([isCustomObject], ({ clients }, value) =>
      clients.caller.send('CustomObject', value),
    ),
    ThrowException: checkedMethod([isText], throwing),

    Stream: { stream: true, call: () => ['a', 'b', 'c'] },
    EmptyStream: { stream: true, call: () => [] },
    InfiniteStream: { stream: true, call: infiniteStream },
    StreamThrowException: checkedMethod([isText], throwing, { stream: true }),
    StreamingConcat: { uploads: 1, call: concat },

    GetCallerConnectionId: { call: ({ connectionId }: HubContext) => connectionId },
    GetActiveTransportName: { call: ({ transport }: HubContext) => transport },
    GetNumRedirects: { call: ({ opening }: HubContext) => Number(opening.query.get('numRedirects')) },
    GetContentTypeHeader: { call: ({ opening }: HubContext) => opening.headers['content-type'] ?? null },
    GetHeader: checkedMethod(
      [isText],
      ({ opening }, name) => opening.headers[`${name}`.toLowerCase()] ?? null,
    ),
    GetCookie: checkedMethod([isText], ({ opening }, name) => cookieOf(opening.headers['cookie'], `${name}`)),
  },
};
