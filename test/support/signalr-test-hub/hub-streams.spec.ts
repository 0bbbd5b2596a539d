import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Subject, type HubConnection } from '@microsoft/signalr';
import { arrived, closings, pairs, received, streamed, TestHubClients } from './test-hub-clients.js';
import { TestHubServer } from './test-hub-server.js';

const clients = new TestHubClients();
let server: TestHubServer;
beforeAll(async () => {
  server = await TestHubServer.start({ log: { warn: () => {} } }); // hub methods throw on purpose
});
afterEach(async () => clients.stopAll());
afterAll(async () => server.close());

const unexpected = (target: string): string =>
  `An unexpected error occurred invoking '${target}' on the server.`;

describe.each(pairs)('the test hub, spoken to in %s,', (_title, transport, protocol) => {
  const connect = (): Promise<HubConnection> =>
    clients.connect(`${server.httpUrl}/testhub`, { transport, protocol });

  it('streams to the end', async () => {
    const client = await connect();
    expect(await streamed(client, 'Stream')).toEqual(['a', 'b', 'c']);
    expect(await streamed(client, 'EmptyStream')).toEqual([]);
  });

  it('tells a client that its stream has been cancelled', async () => {
    const client = await connect();
    const cancelled = received(client, 'StreamCanceled');
    client
      .stream('InfiniteStream')
      .subscribe({ next: () => {}, error: () => {}, complete: () => {} })
      .dispose();
    await arrived(cancelled, 1, 'the cancellation');
    expect(cancelled).toEqual([[]]);
  });

  it('joins what a client streams, and hears of its failure', async () => {
    const client = await connect();
    const upload = (end: (subject: Subject<string>) => void): Promise<string> => {
      const subject = new Subject<string>();
      const joined = client.invoke<string>('StreamingConcat', subject);
      for (const part of ['Hello ', 'world', '!']) subject.next(part);
      end(subject);
      return joined;
    };
    expect(await upload((subject) => subject.complete())).toBe('Hello world!');
    await expect(upload((subject) => subject.error(new Error('Something bad')))).rejects.toThrow(
      `${unexpected('StreamingConcat')} HubException: Something bad`,
    );
  });

  it('says what a method threw', async () => {
    const client = await connect();
    const text = 'InvalidOperationException: An error occurred.';
    await expect(client.invoke('ThrowException', 'An error occurred.')).rejects.toThrow(
      `${unexpected('ThrowException')} ${text}`,
    );
    await expect(streamed(client, 'StreamThrowException', 'An error occurred.')).rejects.toThrow(
      `${unexpected('StreamThrowException')} ${text}`,
    );
  });

  it('takes messages up to 32 KiB, and sends what is longer', async () => {
    const client = await connect();
    const [part, parts] = ['é'.repeat(15_000), 35];
    expect(await client.invoke('Echo', part)).toBe(part);
    const subject = new Subject<string>();
    const joined = client.invoke<string>('StreamingConcat', subject);
    for (let sent = 0; sent < parts; sent += 1) subject.next(part);
    subject.complete();
    const whole = await joined;
    expect(Buffer.byteLength(whole)).toBeGreaterThan(1_000_000);
    expect(whole === part.repeat(parts)).toBe(true);
  });

  it('closes a client whose message is longer, and says why', async () => {
    const client = await connect();
    const closed = closings(client);
    const call = client.invoke('Echo', 'x'.repeat(40_000));
    await expect(call).rejects.toThrow();
    await arrived(closed, 1, 'the end');
    expect(closed[0]?.message).toContain('The maximum message size of 32768B was exceeded.');
  });
});
