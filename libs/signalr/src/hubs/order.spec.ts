import { describe, expect, it } from '@jest/globals';
import type { HubContext, HubDefinition } from './index.js';
import { FakeConnection } from './testing/fake-connection.js';
import { gate, settle, testServer, until } from './testing/test-server.js';

const echo = (_: HubContext, value: string) => value;
const call = (target: string, invocationId: string, ...args: unknown[]) => ({
  type: 1,
  target,
  invocationId,
  arguments: args,
});
const methods: HubDefinition['methods'] = {
  Echo: { args: 1, call: echo },
  Abort: { call: (context: HubContext) => context.abort() },
};

describe('the order of calls', () => {
  it('runs one call of a client at a time, in the order of their arrival', async () => {
    const { open, opened } = gate();
    const seen: string[] = [];
    const note = async (_: HubContext, name: string) => {
      seen.push(name);
      await opened;
    };
    const { connect } = testServer({ methods: { Note: { args: 1, call: note } } });
    const [client, other] = [connect().shakesHands(), connect().shakesHands()];
    client.says(call('Note', '0', 'a'), call('Note', '1', 'b'));
    other.says(call('Note', '0', 'c'));
    await settle();
    expect(seen).toEqual(['a', 'c']);
    open();
    await until(() => client.ofType(3).length === 2);
    expect(seen).toEqual(['a', 'c', 'b']);
  });

  it('lets calls overtake each other where more may run', async () => {
    const { open, opened } = gate();
    const { connect } = testServer(
      { methods: { ...methods, Wait: { call: () => opened } } },
      { parallelInvocations: 2 },
    );
    const client = connect().shakesHands();
    client.says(call('Wait', '0'), call('Echo', '1', 'a'));
    await until(() => client.ofType(3).length > 0);
    expect(client.ofType(3)[0]?.['invocationId']).toBe('1');
    open();
    await until(() => client.ofType(3).length === 2);
  });

  it('refuses a hub that nobody put there', () => {
    const connection = new FakeConnection();
    testServer({ methods }).server.accept('/other', connection);
    expect(connection.ended).toEqual(['abort']);
  });
});
