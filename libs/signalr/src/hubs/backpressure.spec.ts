import { describe, expect, it } from '@jest/globals';
import type { HubDefinition } from './index.js';
import type { FakeFacts } from './testing/fake-connection.js';
import { gate, settle, testServer, until } from './testing/test-server.js';

const large = 'x'.repeat(30_000);
const wait = (invocationId: string) => ({ type: 1, target: 'Wait', invocationId, arguments: [large] });

const setUp = (definition: HubDefinition, facts: FakeFacts = {}) => {
  const calls: string[] = [];
  const parts = testServer(definition);
  const client = parts.connect({
    pause: () => void calls.push('pause'),
    resume: () => void calls.push('resume'),
    ...facts,
  });
  return { ...parts, calls, client };
};

describe('a transport that can pause', () => {
  it('is paused while much waits, and resumed when it is dispatched', async () => {
    const { open, opened } = gate();
    const { calls, client } = setUp({ methods: { Wait: { args: 1, call: () => opened } } });
    client.shakesHands();
    for (let count = 0; count < 5; count += 1) client.says(wait(String(count)));
    expect(calls).toEqual(['pause']);
    open();
    await until(() => client.ofType(3).length === 5);
    expect(calls).toEqual(['pause', 'resume']);
  });

  it('is resumed when all that waited is taken at once, as when the connect hook is through', async () => {
    const { open, opened } = gate();
    const { calls, client } = setUp({ methods: {}, onConnected: () => opened });
    client.shakesHands();
    for (let count = 0; count < 5; count += 1) client.says({ type: 2, invocationId: 'none', item: large });
    expect(calls).toEqual(['pause']);
    open();
    await until(() => calls.length === 2);
    expect(calls).toEqual(['pause', 'resume']);
  });

  it('is resumed when an upload that held up the rest ends', async () => {
    const { open, opened } = gate();
    const { calls, client } = setUp({ methods: { Ignore: { uploads: 1, call: () => opened } } });
    client.shakesHands();
    client.says({ type: 1, target: 'Ignore', streamIds: ['s'], arguments: [] });
    for (let count = 0; count < 16; count += 1) client.says({ type: 2, invocationId: 's', item: large });
    expect(calls).toEqual(['pause']);
    open();
    await until(() => calls.length === 2);
    expect(calls).toEqual(['pause', 'resume']);
  });

  it('goes on with stateful reconnect, where acknowledgements are kept back instead', async () => {
    const { open, opened } = gate();
    const methods = { Wait: { args: 1, call: () => opened } };
    const { calls, client, timers } = setUp({ methods }, { statefulReconnect: true });
    client.shakesHands(2);
    for (let count = 0; count < 5; count += 1) client.says(wait(String(count)));
    timers.pass(3000);
    expect([calls, client.ofType(8)]).toEqual([[], []]);
    open();
    await until(() => client.ofType(3).length === 5);
    await settle();
    timers.pass(1000);
    expect(client.ofType(8)).toEqual([{ type: 8, sequenceId: 5 }]);
  });
});
