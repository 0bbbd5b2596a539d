import { describe, expect, it } from '@jest/globals';
import { HubException, MemoryBackplane, type Backplane, type HubContext } from './index.js';
import { settle, testServer, until } from './testing/test-server.js';

const definition = { methods: {} };

describe('what a hub asks of clients of other nodes', () => {
  it('tells who asked why there is no answer: the client, or something else', async () => {
    const backplane = new MemoryBackplane();
    const near = testServer(definition, { backplane });
    const b = testServer(definition, { backplane }).connect().shakesHands();
    const asked = [1, 2].map(() => near.hub.clients.client(b.connectionId).invoke('Q', 1));
    await settle();
    b.says({ type: 3, invocationId: 's1', error: 'no' });
    b.goes(new Error('cut'));
    const errors = await Promise.all(asked.map((one) => one.catch((error: unknown) => error)));
    expect(errors.map((error) => error instanceof HubException)).toEqual([true, false]);
    expect(String(errors[1])).toContain('disconnected');
  });

  it('tells who asked that the answer did not get through', async () => {
    const backplane = new MemoryBackplane();
    const strict: Backplane = {
      alone: false,
      listen: (listener) => backplane.listen(listener),
      publish: async (message) => {
        if (message.type === 'answer' && message.answer.kind === 'result') throw new Error('too long');
        await backplane.publish(message);
      },
    };
    const near = testServer(definition, { backplane });
    const far = testServer(definition, { backplane: strict });
    const client = far.connect().shakesHands();
    const asked = near.hub.clients.client(client.connectionId).invoke('Q', 1);
    await settle();
    client.says({ type: 3, invocationId: 's1', result: 42 });
    await expect(asked).rejects.toThrow('too long');
  });

  it('brings the answer though it could not be said that there will be one', async () => {
    const backplane = new MemoryBackplane();
    const shaky: Backplane = {
      alone: false,
      listen: (listener) => backplane.listen(listener),
      publish: async (message) => {
        if (message.type === 'answer' && message.answer.kind === 'accepted') throw new Error('away');
        await backplane.publish(message);
      },
    };
    const near = testServer(definition, { backplane });
    const far = testServer(definition, { backplane: shaky });
    const client = far.connect().shakesHands();
    const asked = near.hub.clients.client(client.connectionId).invoke('Q', 1);
    await settle();
    client.says({ type: 3, invocationId: 's1', result: 42 });
    expect(await asked).toBe(42);
    expect(far.warnings).toEqual(['hub message of another node failed']);
  });

  it('asks no other node for the caller of a method, though it is gone', async () => {
    const backplane = new MemoryBackplane();
    const said: string[] = [];
    backplane.listen(({ type }) => said.push(type));
    const results: unknown[] = [];
    const onDisconnected = async ({ connectionId, groups, clients }: HubContext) => {
      results.push(await groups.remove(connectionId, 'g'), await groups.add(connectionId, 'g'));
      results.push(await clients.caller.send('m', 1));
      results.push(await clients.caller.invoke('Q').catch(String));
    };
    const client = testServer({ ...definition, onDisconnected }, { backplane })
      .connect()
      .shakesHands();
    client.goes();
    await until(() => results.length === 4);
    const gone = `Error: Connection '${client.connectionId}' does not exist.`;
    expect([results, said]).toEqual([[false, false, undefined, gone], []]);
  });
});
