import { describe, expect, it } from '@jest/globals';
import { checkedMethod, HubException, type HubDefinition } from './index.js';
import type { Wire } from './testing/fake-connection.js';
import { RawClient } from './testing/raw-client.js';
import { rawJson, rawMessagePack, type RawProtocol } from './testing/raw-protocols.js';
import { gate, testServer, until } from './testing/test-server.js';

const text = (value: unknown): value is string => typeof value === 'string';
const broken = () => {
  throw new TypeError('secret');
};

const definition: HubDefinition = {
  methods: {
    Echo: checkedMethod([text], (_, value) => value),
    Both: checkedMethod([text, text], (_, first, second) => first + second),
    Runs: { stream: true, call: () => gate().opened },
    Nothing: { call: () => undefined },
    Throws: { call: broken },
    Refuses: {
      call: () => {
        throw new HubException('not today');
      },
    },
    Secret: { authorize: () => false, call: () => 1 },
    Stream: { stream: true, call: () => [1] },
    Breaks: {
      stream: true,
      call: function* () {
        yield 1;
        broken();
      },
    },
    Upload: { uploads: 1, call: () => 1 },
  },
};

interface Row {
  readonly name: string;
  readonly call: Wire;
  readonly error: string;
  /** Follows with detailed errors; by protocol where they differ. */
  readonly details?: string | Readonly<Record<RawProtocol['name'], string>>;
}

const unexpected = (name: string) => `An unexpected error occurred invoking '${name}' on the server.`;
const failed = (name: string) => `Failed to invoke '${name}' due to an error on the server.`;
const one = (target: string, ...args: unknown[]): Wire => ({ type: 1, target, arguments: args });
const four = (target: string, ...args: unknown[]): Wire => ({ type: 4, target, arguments: args });
const hint =
  'Make sure that the types of the provided values match the types of the hub method being invoked.';

const rows: readonly Row[] = [
  {
    name: 'an unknown method',
    call: one('Nope'),
    error: `${failed('Nope')} HubException: Method does not exist.`,
  },
  {
    name: 'an unknown method called as a stream',
    call: four('Nope'),
    error: `${failed('Nope')} HubException: Method does not exist.`,
  },
  {
    name: 'an argument that a stream does not take',
    call: four('Stream', 'a'),
    error: failed('Stream'),
    details: 'InvalidDataException: Invocation provides 1 argument(s) but target expects 0.',
  },
  {
    name: 'too few arguments',
    call: one('eCHO'),
    error: failed('eCHO'),
    details: 'InvalidDataException: Invocation provides 0 argument(s) but target expects 1.',
  },
  {
    name: 'too many arguments',
    call: one('Echo', 'a', 'b'),
    error: failed('Echo'),
    details: 'InvalidDataException: Invocation provides 2 argument(s) but target expects 1.',
  },
  {
    name: 'a wrong type',
    call: one('Echo', 1),
    error: failed('Echo'),
    details: {
      json: `InvalidDataException: Error binding arguments. ${hint}`,
      messagepack: `InvalidDataException: Error binding argument 1. ${hint}`,
    },
  },
  {
    name: 'a wrong type further back',
    call: one('Both', 'a', 1),
    error: failed('Both'),
    details: {
      json: `InvalidDataException: Error binding arguments. ${hint}`,
      messagepack: `InvalidDataException: Error binding argument 2. ${hint}`,
    },
  },
  {
    name: 'a method that throws',
    call: one('Throws'),
    error: unexpected('Throws'),
    details: 'TypeError: secret',
  },
  {
    name: 'a method that throws the hub exception',
    call: one('Refuses'),
    error: `${unexpected('Refuses')} HubException: not today`,
  },
  {
    name: 'a caller who may not',
    call: one('Secret'),
    error: "Failed to invoke 'Secret' because user is unauthorized",
  },
  {
    name: 'a stream method called plainly',
    call: one('Stream'),
    error: "The client attempted to invoke the streaming 'Stream' method with a non-streaming invocation.",
  },
  {
    name: 'a plain method called as a stream',
    call: four('Nothing'),
    error: "The client attempted to invoke the non-streaming 'Nothing' method with a streaming invocation.",
  },
  {
    name: 'a missing upload',
    call: one('Upload'),
    error: `${unexpected('Upload')} HubException: Client sent 0 stream(s), Hub method expects 1.`,
  },
  {
    name: 'an upload too many',
    call: { ...one('Nothing'), streamIds: ['9'] },
    error: `${unexpected('Nothing')} HubException: Client sent 1 stream(s), Hub method expects 0.`,
  },
  {
    name: 'a stream that breaks',
    call: four('Breaks'),
    error: 'An error occurred on the server while streaming results.',
    details: 'TypeError: secret',
  },
];

const refusal = ({ error, details }: Row, { name }: RawProtocol, detailed: boolean): string => {
  const tail = typeof details === 'object' ? details[name] : details;
  return detailed && tail !== undefined ? `${error} ${tail}` : error;
};

describe.each([rawJson, rawMessagePack])('the errors of a call, over $name', (protocol) => {
  const connect = (detailedErrors = false) =>
    new RawClient(testServer(definition, { detailedErrors }).connect(), protocol);

  it.each(rows)('answers $name with the text that clients know', async (row) => {
    const client = connect();
    client.says({ ...row.call, invocationId: 'x' }, { ...one('Echo', 'after'), invocationId: 'y' });
    await until(() => client.ofType(3).length > 1);
    expect(client.ofType(3).find(({ invocationId }) => invocationId === 'x')).toEqual({
      type: 3,
      invocationId: 'x',
      error: refusal(row, protocol, false),
    });
    expect(client.ofType(3)).toContainEqual({ type: 3, invocationId: 'y', result: 'after' });
    expect([client.ofType(3).length, client.ended]).toEqual([2, []]);
  });

  it.each(rows)('tells of $name all there is to tell, with detailed errors', async (row) => {
    const client = connect(true);
    client.says({ ...row.call, invocationId: 'x' });
    await until(() => client.ofType(3).length > 0);
    expect(client.ofType(3).map(({ error }) => error)).toEqual([refusal(row, protocol, true)]);
  });

  it.each(rows.filter(({ call }) => call['type'] === 1))(
    'does not answer $name when nobody waits',
    async ({ call }) => {
      const client = connect();
      client.says(call, { ...one('Echo', 'after'), invocationId: 'y' });
      await until(() => client.ofType(3).length > 0);
      expect(client.ofType(3)).toEqual([{ type: 3, invocationId: 'y', result: 'after' }]);
    },
  );

  it('refuses the id of a stream that still runs, and leaves that stream alone', async () => {
    const client = connect();
    client.says({ ...four('Runs'), invocationId: 'x' }, { ...four('Stream'), invocationId: 'x' });
    await until(() => client.ofType(3).length > 0);
    const error = "Invocation ID 'x' is already in use.";
    expect(client.received).toEqual([{ type: 3, invocationId: 'x', error }]);
    client.says({ type: 5, invocationId: 'x' });
    await until(() => client.ofType(3).length > 1);
    expect(client.ofType(3)[1]).toEqual({ type: 3, invocationId: 'x' });
  });
});
