import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Subject, type HubConnection } from '@microsoft/signalr';
import { SignalRClient } from './scenarios/signalr-client.js';
import { startRedis, type RunningRedis } from './support/redis-servers.js';
import { SignalRCluster } from './support/signalr-cluster.js';
import {
  arrived,
  pairs,
  received,
  streamed,
  TestHubClients,
} from './support/signalr-test-hub/test-hub-clients.js';
import { TcpProxy } from './support/tcp-proxy.js';

type Pair = (typeof pairs)[number];

const ROUNDS = 10;

describe('a SignalR application on three nodes behind a round-robin load balancer', () => {
  const clients = new TestHubClients();
  let redis: RunningRedis;
  let cluster: SignalRCluster;

  const connect = (...[, transport, protocol]: Pair): Promise<HubConnection> =>
    clients.connect(`${cluster.url}/testhub`, { transport, protocol });

  const connectAll = (): Promise<HubConnection[]> => Promise.all(pairs.map((pair) => connect(...pair)));

  beforeAll(async () => {
    redis = await startRedis();
    cluster = await SignalRCluster.start(redis.url);
  });
  afterEach(() => clients.stopAll());
  afterAll(async () => {
    expect(await cluster.close()).toEqual([0, 0, 0]);
    await redis.close();
  });

  it.each(pairs)('streams to a client and from it: %s', async (...pair) => {
    const client = await connect(...pair);
    expect(await streamed(client, 'Stream')).toEqual(['a', 'b', 'c']);
    await expect(streamed(client, 'StreamThrowException', 'broken')).rejects.toThrow('broken');

    const upload = new Subject<string>();
    const answer = client.invoke('StreamingConcat', upload);
    for (const part of ['one ', 'two ', '3']) upload.next(part);
    upload.complete();
    expect(await answer).toBe('one two 3');
  });

  it.each(['json', 'messagepack'] as const)(
    'takes a stream whole whose connection is cut again and again: %s',
    async (protocol) => {
      const network = await TcpProxy.start(cluster.url);
      const options = { url: network.url, hub: '/testhub', protocol, stateful: true };
      const client = await SignalRClient.connect(options);
      try {
        const upload = new Subject<string>();
        const answer = client.connection.invoke('StreamingConcat', upload);
        const parts = Array.from({ length: 60 }, (_, index) => `${index} `);
        for (const [index, part] of parts.entries()) {
          upload.next(part);
          if (index % 10 === 5) await client.connection.invoke('Echo', 'the last parts are on their way');
          if (index % 20 === 10) network.cut();
        }
        upload.complete();
        expect(await answer).toBe(parts.join(''));
      } finally {
        await client.close();
        await network.close();
      }
    },
  );

  it.each(pairs)('ends a stream that its client cancels: %s', async (...pair) => {
    const client = await connect(...pair);
    const canceled = received(client, 'StreamCanceled');
    const nothing = (): void => {};
    const subscription = client
      .stream('InfiniteStream')
      .subscribe({ next: nothing, error: nothing, complete: nothing });
    await client.invoke('Echo', 'the stream has begun');
    expect(canceled).toEqual([]);
    subscription.dispose();
    await arrived(canceled, 1, 'the end of the stream');
  });

  it.each(pairs)('has a client answer whichever node asks: %s', async (...pair) => {
    const client = await connect(...pair);
    const id = await client.invoke<string>('GetCallerConnectionId');
    const ask = async (url: string): Promise<string> => (await fetch(`${url}/clientresult/${id}`)).text();
    expect(await ask(cluster.url)).toBe("HubException: Client didn't provide a result.");
    let asked = 0;
    client.on('Result', () => ++asked);
    for (const [index, url] of cluster.urls.entries()) expect(await ask(url)).toBe(`${index + 1}`);
    expect(asked).toBe(cluster.urls.length);
  });

  it('sends to everybody and to groups on all nodes once, what one client sends in its order', async () => {
    const all = await connectAll();
    const heard = all.map((client) => received(client, 'Message'));
    const isMember = (index: number): boolean => index < 2;
    await Promise.all(
      all.filter((_, index) => isMember(index)).map((client) => client.invoke('Join', 'some')),
    );

    const sendFrom = async (client: HubConnection, index: number): Promise<void> => {
      for (let round = 0; round < ROUNDS; round++) {
        await client.invoke('SendToAll', `all ${index} ${round}`);
        await client.invoke('SendToGroup', 'some', `some ${index} ${round}`);
      }
    };
    await Promise.all(all.map(sendFrom));

    for (const [index, calls] of heard.entries()) {
      const groups = isMember(index) ? ['all', 'some'] : ['all'];
      await arrived(calls, all.length * ROUNDS * groups.length, `what was sent to client ${index}`);
      for (const [sender] of all.entries()) {
        const its = calls.flat().filter((text) => String(text).split(' ')[1] === `${sender}`);
        const rounds = Array.from({ length: ROUNDS }, (_, round) => round);
        expect(its).toEqual(rounds.flatMap((round) => groups.map((group) => `${group} ${sender} ${round}`)));
      }
    }
  });
});
