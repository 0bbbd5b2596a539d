import { describe, expect, it } from '@jest/globals';
import { jsonProtocol, messagePackProtocol, type HubProtocol } from '../protocols/index.js';
import { MemoryBackplane, typedClients, type HubContext, type HubDefinition } from './index.js';
import type { FakeConnection } from './testing/fake-connection.js';
import { settle, testServer, until } from './testing/test-server.js';

const definition: HubDefinition = {
  methods: {
    Ask: { call: async (context: HubContext) => ({ answer: await context.clients.caller.invoke('Q', 1) }) },
    Plain: { call: () => 'plain' },
    Typed: {
      call: ({ clients }: HubContext) =>
        typedClients<{ m(text: string): void }>(clients).caller.send('m', 'typed'),
    },
    Others: { call: (context: HubContext) => context.clients.others.send('m', 'others') },
  },
  userId: ({ user }) => (typeof user === 'string' ? user : undefined),
};
const got = (client: FakeConnection) =>
  client.ofType(1).map((message) => (message['arguments'] as unknown[])[0]);

const nodes = () => {
  const backplane = new MemoryBackplane();
  const [near, far] = [testServer(definition, { backplane }), testServer(definition, { backplane })];
  return {
    near,
    far,
    a: near.connect({ user: 'u' }).shakesHands(),
    b: far.connect({ user: 'u' }).shakesHands(),
    c: far.connect().shakesHands(),
  };
};

describe('the clients of a hub, on two nodes', () => {
  it('reaches all, all but some, one, some, users and groups, each once', async () => {
    const { near, a, b, c } = nodes();
    const { clients, groups } = near.hub;
    expect(await groups.add(a.connectionId, 'g')).toBe(true);
    expect(await groups.add(c.connectionId, 'g')).toBe(true);
    await groups.add(c.connectionId, 'h');
    await clients.all.send('m', 'all');
    await clients.allExcept([a.connectionId, b.connectionId]).send('m', 'except');
    await clients.client(b.connectionId).send('m', 'one');
    await clients.clients([a.connectionId, c.connectionId]).send('m', 'some');
    await clients.user('u').send('m', 'user');
    await clients.groups(['g', 'h']).send('m', 'groups');
    await clients.group('g', [a.connectionId]).send('m', 'rest');
    expect(got(a)).toEqual(['all', 'some', 'user', 'groups']);
    expect(got(b)).toEqual(['all', 'one', 'user']);
    expect(got(c)).toEqual(['all', 'except', 'some', 'groups', 'rest']);
    expect(a.ofType(1).some((message) => 'invocationId' in message)).toBe(false);
  });

  it('forgets the groups of who leaves them, or is gone', async () => {
    const { near, b, c } = nodes();
    await near.hub.groups.add(b.connectionId, 'g');
    await near.hub.groups.add(c.connectionId, 'g');
    await near.hub.groups.remove(b.connectionId, 'g');
    c.goes();
    await near.hub.clients.group('g').send('m', 1);
    expect([...got(b), ...got(c)]).toEqual([]);
  });

  it('tells that nobody has a connection', async () => {
    const { near } = nodes();
    const added = near.hub.groups.add('nobody', 'g');
    const asked = near.hub.clients.client('nobody').invoke('Q');
    near.timers.pass(5000);
    expect(await added).toBe(false);
    await expect(asked).rejects.toThrow("Connection 'nobody' does not exist.");
    await expect(testServer(definition).hub.clients.client('x').invoke('Q')).rejects.toThrow(
      "Connection 'x' does not exist.",
    );
  });

  it('asks a client of another node', async () => {
    const { near, b } = nodes();
    const answers = [1, 2].map(() => near.hub.clients.client(b.connectionId).invoke('Q', 1));
    await settle();
    b.says({ type: 3, invocationId: 's1', result: 42 }, { type: 3, invocationId: 's2', error: 'no' });
    expect(await answers[0]).toBe(42);
    await expect(answers[1]).rejects.toThrow('no');
  });

  it('fails the send when other nodes cannot be told, and still sends here', async () => {
    const backplane = {
      alone: false,
      publish: () => Promise.reject(new Error('down')),
      listen: () => () => {},
    };
    const { hub, connect } = testServer(definition, { backplane });
    const client = connect().shakesHands();
    await expect(hub.clients.all.send('m', 1)).rejects.toThrow('down');
    expect(got(client)).toEqual([1]);
  });

  it('reaches the others from within a call', async () => {
    const { a, b, c } = nodes();
    a.says({ type: 1, target: 'others', arguments: [] });
    await until(() => got(c).length > 0);
    expect([got(a), got(b), got(c)]).toEqual([[], ['others'], ['others']]);
  });
});

describe('typed clients', () => {
  it('knows the caller of a method as well', async () => {
    const client = testServer(definition).connect().shakesHands();
    client.says({ type: 1, target: 'typed', arguments: [] });
    await until(() => got(client).length > 0);
    expect(got(client)).toEqual(['typed']);
  });
});

describe('prepared sends', () => {
  it('writes once for each protocol, however many receive', async () => {
    const writes: string[] = [];
    const counting = (protocol: HubProtocol): HubProtocol => ({
      ...protocol,
      write: (message) => {
        writes.push(protocol.name);
        return protocol.write(message);
      },
      reader: (maxMessageBytes) => protocol.reader(maxMessageBytes),
    });
    const { hub, connect } = testServer(definition, {
      protocols: [jsonProtocol, messagePackProtocol].map(counting),
    });
    for (let count = 0; count < 5; count += 1) {
      connect().shakesHands();
      connect().says({ protocol: 'messagepack', version: 1 });
    }
    await hub.clients.all.send('m', 1);
    expect(writes.sort()).toEqual(['json', 'messagepack']);
  });

  it('rejects what cannot be written', async () => {
    const { hub, connect } = testServer(definition);
    connect().shakesHands();
    const circular: unknown[] = [];
    circular.push(circular);
    await expect(hub.clients.all.send('m', circular)).rejects.toThrow();
  });
});

describe('client results', () => {
  it('numbers them s1, s2, and frees the slot of the method that waits', async () => {
    const client = testServer(definition).connect().shakesHands();
    const call = (target: string, invocationId: string) => ({ type: 1, target, invocationId, arguments: [] });
    client.says(call('Ask', '0'), call('Ask', '1'), call('Plain', '2'));
    await until(() => client.ofType(3).length > 0 && client.ofType(1).length === 2);
    expect(client.ofType(1).map((message) => message['invocationId'])).toEqual(['s1', 's2']);
    expect(client.ofType(3)).toEqual([{ type: 3, invocationId: '2', result: 'plain' }]);
    client.says(
      { type: 3, invocationId: 'unknown', result: 0 },
      { type: 3, invocationId: 's2', result: 'b' },
    );
    client.says({ type: 3, invocationId: 's1', error: "Client didn't provide a result." });
    await until(() => client.ofType(3).length === 3);
    expect(client.ofType(3)).toContainEqual({ type: 3, invocationId: '1', result: { answer: 'b' } });
    expect(client.ofType(3).at(-1)?.['error'] ?? client.ofType(3).at(-2)?.['error']).toContain(
      "HubException: Client didn't",
    );
  });

  it('fails when the client goes', async () => {
    const { hub, connect } = testServer(definition);
    const client = connect().shakesHands();
    const asked = typedClients<{ Q(value: number): string }>(hub.clients)
      .client(client.connectionId)
      .invoke('Q', 1);
    client.goes(new Error('cut'));
    await expect(asked).rejects.toThrow(`Connection '${client.connectionId}' disconnected.`);
  });

  it('fails when the client does not answer, and bounds how many it may owe', async () => {
    const { hub, timers, connect } = testServer(definition, { maxOpenCalls: 1 });
    const client = connect().shakesHands();
    const one = hub.clients.client(client.connectionId);
    const first = one.invoke('Q');
    await expect(one.invoke('Q')).rejects.toThrow('owes too many results');
    timers.pass(60_000);
    await expect(first).rejects.toThrow('did not answer in time');
  });

  it('refuses them while a connection opens', async () => {
    let refused: unknown;
    const onConnected = async (context: HubContext) => {
      refused = await context.clients.caller.invoke('Q').catch((error: unknown) => error);
    };
    testServer({ ...definition, onConnected })
      .connect()
      .shakesHands();
    await until(() => refused !== undefined);
    expect(String(refused)).toContain('Client results inside OnConnectedAsync Hub methods are not allowed.');
  });
});
