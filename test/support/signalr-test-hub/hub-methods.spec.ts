import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { HubConnection } from '@microsoft/signalr';
import { arrived, closings, pairs, received, streamed, TestHubClients } from './test-hub-clients.js';
import { TestHubServer } from './test-hub-server.js';

const clients = new TestHubClients();
let server: TestHubServer;
beforeAll(async () => {
  server = await TestHubServer.start({ log: { warn: () => {} } }); // hub methods throw on purpose
});
afterEach(async () => clients.stopAll());
afterAll(async () => server.close());

const message = '你好，世界！';

describe.each(pairs)('the test hub, spoken to in %s,', (_title, transport, protocol) => {
  const connect = (): Promise<HubConnection> =>
    clients.connect(`${server.httpUrl}/testhub`, { transport, protocol });
  const isJson = protocol.name === 'json';

  it('answers a call with its result, and closes without an error', async () => {
    const client = await connect();
    const closed = closings(client);
    expect(await client.invoke('Echo', message)).toBe(message);
    await client.stop();
    expect(closed).toEqual([undefined]);
  });

  it('takes a call that waits for nothing, and calls the client', async () => {
    const client = await connect();
    const objects = received(client, 'CustomObject');
    await client.send('SendCustomObject', { Name: 'test', Value: 42 });
    await arrived(objects, 1, 'the object');
    expect(objects).toEqual([[{ Name: 'test', Value: 42 }]]);
  });

  it('calls all handlers of a method in any case, and none that was taken off', async () => {
    const client = await connect();
    const [first, second] = [received(client, 'mesSage'), received(client, 'MESSAGE')];
    const takenOff: unknown[] = [];
    const handler = (text: unknown): void => void takenOff.push(text);
    client.on('message', handler);
    client.off('Message', handler);
    await client.invoke('InvokeWithString', message);
    await arrived(second, 1, 'the message');
    expect([first, second, takenOff]).toEqual([[[message]], [[message]], []]);
  });

  it('calls a client that stopped and started again without binding anew', async () => {
    const client = await connect();
    const messages = received(client, 'Message');
    await client.invoke('InvokeWithString', 'one');
    await arrived(messages, 1, 'the first message');
    await client.stop();
    await client.start();
    await client.invoke('InvokeWithString', 'two');
    await arrived(messages, 2, 'the second message');
    expect(messages).toEqual([['one'], ['two']]);
  });

  it('says what is wrong with a call, and the connection lives on', async () => {
    const client = await connect();
    const failed = (target: string): string => `Failed to invoke '${target}' due to an error on the server.`;
    const badArguments = isJson ? 'Error binding arguments.' : 'Error binding argument 1.';
    const streaming = (how: string): string => `The client attempted to invoke the ${how} invocation.`;
    const rows: readonly [Promise<unknown>, string][] = [
      [client.invoke('Stream'), streaming("streaming 'Stream' method with a non-streaming")],
      [client.invoke('EmptyStream'), streaming("streaming 'EmptyStream' method with a non-streaming")],
      [streamed(client, 'Echo', '42'), streaming("non-streaming 'Echo' method with a streaming")],
      [client.invoke('Nope'), `${failed('Nope')} HubException: Method does not exist.`],
      [
        client.invoke('Echo'),
        `${failed('Echo')} InvalidDataException: Invocation provides 0 argument(s) but target expects 1.`,
      ],
      [client.invoke('Echo', 42), `${failed('Echo')} InvalidDataException: ${badArguments}`],
      [client.invoke('SendCustomObject', { Name: 1 }), `InvalidDataException: ${badArguments}`],
    ];
    for (const [call, text] of rows) await expect(call).rejects.toThrow(text);
    expect(await client.invoke('Echo', message)).toBe(message);
  });

  it('carries bytes, dates and GUIDs both ways', async () => {
    const client = await connect();
    const bytes = (...values: number[]): unknown =>
      isJson ? Buffer.from(values).toString('base64') : Uint8Array.from(values);
    const date = (text: string): unknown => (isJson ? text : new Date(text));
    const Guid = '00010203-0405-0607-0706-050403020100';
    const sent = {
      ByteArray: bytes(0x68, 0x65, 0x6c, 0x6c, 0x6f),
      DateTime: date('2002-04-01T10:20:15Z'),
      Guid,
      IntArray: [1, 2, 3, 255],
      String: 'Hello, World!',
    };
    expect(await client.invoke('EchoComplexObject', sent)).toEqual(sent);
    expect(await client.invoke('SendComplexObject')).toEqual({
      ByteArray: bytes(1, 2, 3),
      DateTime: date('2000-01-01T00:00:00Z'),
      Guid,
      IntArray: [1, 2, 3],
      String: 'hello world',
    });
  });

  it('ends a client that its hub does not let in', async () => {
    const client = clients.build(`${server.httpUrl}/uncreatable`, { transport, protocol });
    const closed = closings(client);
    const failed = await client.start().then(
      () => arrived(closed, 1, 'the end').then(() => closed[0]),
      (error: unknown) => error,
    );
    expect(failed).toEqual(
      new Error(
        'Server returned an error on close: Connection closed with an error. InvalidOperationException: ' +
          "Unable to resolve service for type 'System.Object' while attempting to activate 'FunctionalTests.UncreatableHub'.",
      ),
    );
  });

  it('brings the result of a client, or why there is none', async () => {
    const client = await connect();
    const ask = async (): Promise<string> =>
      (await fetch(`${server.httpUrl}/clientresult/${client.connectionId}`)).text();
    expect(await ask()).toBe("Client didn't provide a result.");
    client.on('Result', () => 10);
    expect(await ask()).toBe('10');
    client.off('Result');
    client.on('Result', () => {
      throw new Error('from callback');
    });
    expect(await ask()).toBe('Error: from callback');
    await client.stop();
  });
});
