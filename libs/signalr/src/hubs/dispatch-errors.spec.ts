import { describe, expect, it } from '@jest/globals';
import { checkedMethod, HubException, type HubDefinition } from './index.js';
import type { Wire } from './testing/fake-connection.js';
import { testServer, until } from './testing/test-server.js';

const text = (value: unknown): value is string => typeof value === 'string';
const broken = () => {
  throw new TypeError('secret');
};

const definition: HubDefinition = {
  methods: {
    Echo: checkedMethod([text], (_, value) => value),
    Nothing: { call: () => undefined },
    Throws: { call: broken },
    Refuses: {
      call: () => {
        throw new HubException('not today');
      },
    },
    Circular: {
      call: () => {
        const value: Record<string, unknown> = {};
        value['self'] = value;
        return value;
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
  readonly details?: string;
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
    details: `InvalidDataException: Error binding arguments. ${hint}`,
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

describe('the errors of a call', () => {
  it.each(rows)('answers $name with the text that clients know', async ({ call, error }) => {
    const client = testServer(definition).connect().shakesHands();
    client.says({ ...call, invocationId: 'x' });
    await until(() => client.ofType(3).length > 0);
    expect(client.ofType(3)).toEqual([{ type: 3, invocationId: 'x', error }]);
    expect(client.ended).toEqual([]);
  });

  it.each(rows)(
    'tells of $name all there is to tell, with detailed errors',
    async ({ call, error, details }) => {
      const client = testServer(definition, { detailedErrors: true }).connect().shakesHands();
      client.says({ ...call, invocationId: 'x' });
      await until(() => client.ofType(3).length > 0);
      expect(client.ofType(3)[0]?.['error']).toBe(details === undefined ? error : `${error} ${details}`);
    },
  );

  it.each(rows.filter(({ call }) => call['type'] === 1))(
    'does not answer $name when nobody waits',
    async ({ call }) => {
      const client = testServer(definition).connect().shakesHands();
      client.says(call, { ...one('Echo', 'after'), invocationId: 'y' });
      await until(() => client.ofType(3).length > 0);
      expect(client.ofType(3)).toEqual([{ type: 3, invocationId: 'y', result: 'after' }]);
    },
  );

  it('answers a result that cannot be written like a method that threw', async () => {
    const client = testServer(definition).connect().shakesHands();
    client.says({ ...one('Circular'), invocationId: 'x' });
    await until(() => client.ofType(3).length > 0);
    expect(client.ofType(3)).toEqual([{ type: 3, invocationId: 'x', error: unexpected('Circular') }]);
  });

  it('answers a method without a result with null, under the id as it was spelled', async () => {
    const client = testServer(definition).connect().shakesHands();
    client.says({ ...one('nothing'), invocationId: ' Ä 1' });
    await until(() => client.ofType(3).length > 0);
    expect(client.ofType(3)).toEqual([{ type: 3, invocationId: ' Ä 1', result: null }]);
  });

  it('refuses two methods whose names differ in case only', () => {
    expect(() => testServer({ methods: { a: { call: () => 1 }, A: { call: () => 1 } } })).toThrow(TypeError);
  });
});
