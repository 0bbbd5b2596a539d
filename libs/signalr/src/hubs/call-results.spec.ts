import { describe, expect, it } from '@jest/globals';
import { RawClient } from './testing/raw-client.js';
import { rawJson, rawMessagePack } from './testing/raw-protocols.js';
import { testServer, until } from './testing/test-server.js';

const circular = () => {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
};

const methods = { Circular: { call: circular }, Nothing: { call: () => undefined } };

describe.each([rawJson, rawMessagePack])('the results of a call, over $name', (protocol) => {
  const answerTo = async (target: string, invocationId: string) => {
    const client = new RawClient(testServer({ methods }).connect(), protocol);
    client.says({ type: 1, target, arguments: [], invocationId });
    await until(() => client.ofType(3).length > 0);
    return client.received;
  };

  it('are answered like a method that threw when they cannot be written', async () => {
    const error = "An unexpected error occurred invoking 'Circular' on the server.";
    expect(await answerTo('Circular', 'x')).toEqual([{ type: 3, invocationId: 'x', error }]);
  });

  it('are null where there are none, under the id as it was spelled', async () => {
    expect(await answerTo('nothing', ' Ä 1')).toEqual([{ type: 3, invocationId: ' Ä 1', result: null }]);
  });
});

describe('the methods of a hub', () => {
  it('are refused when the names of two differ in case only', () => {
    expect(() => testServer({ methods: { a: { call: () => 1 }, A: { call: () => 1 } } })).toThrow(TypeError);
  });
});
