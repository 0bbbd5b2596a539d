import { describe, expect, it } from '@jest/globals';
import type { HubContext, HubDefinition } from './index.js';
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
const closedWithError = { type: 7, error: 'Connection closed with an error.' };

describe('the end of a connection', () => {
  it('answers Close with Close', async () => {
    const gone: unknown[] = [];
    const client = testServer({ methods, onDisconnected: (_, error) => gone.push(error) })
      .connect()
      .shakesHands();
    client.says({ type: 7 });
    await until(() => gone.length > 0);
    expect(client.received.at(-1)).toEqual({ type: 7 });
    expect(client.ended).toEqual(['close']);
    client.goes();
    await settle();
    expect(gone).toEqual([undefined]);
  });

  it('sends away for good whom a method aborts', async () => {
    const client = testServer({ methods }).connect().shakesHands();
    client.says(call('Abort', '0'));
    await until(() => client.ended.length > 0);
    expect(client.received.slice(1)).toEqual([{ type: 7 }]);
  });

  it('tells of a protocol error that it may come back, and why only with detailed errors', () => {
    for (const detailedErrors of [false, true]) {
      const client = testServer({ methods }, { detailedErrors }).connect().shakesHands();
      client.saysText('x'.repeat(33_000));
      const error = detailedErrors
        ? `${closedWithError.error} InvalidDataException: The maximum message size of 32768B was exceeded. The message size can be configured in AddHubOptions.`
        : closedWithError.error;
      expect(client.received.at(-1)).toEqual({ type: 7, error, allowReconnect: true });
    }
  });

  it('sends away for good whom the connect hook throws at, without the disconnect hook', async () => {
    let disconnects = 0;
    const onConnected = () => {
      throw new Error('no');
    };
    const { connect, warnings } = testServer({
      methods,
      onConnected,
      onDisconnected: () => (disconnects += 1),
    });
    const client = connect().shakesHands();
    await until(() => client.ended.length > 0);
    await settle();
    expect(client.received.at(-1)).toEqual(closedWithError);
    expect(disconnects).toBe(0);
    expect(warnings).toEqual(['hub connect hook failed']);
  });

  it('still dispatches what a client sent before it left', async () => {
    const seen: string[] = [];
    const { open, opened } = gate();
    const note = (_: HubContext, value: string) => void seen.push(value);
    const { connect } = testServer({
      methods: { Note: { args: 1, call: note } },
      onConnected: () => opened,
      onDisconnected: () => void seen.push('gone'),
    });
    const client = connect().shakesHands();
    client.says({ type: 1, target: 'note', arguments: ['a'] });
    client.goes();
    open();
    await until(() => seen.length === 2);
    expect(seen).toEqual(['a', 'gone']);
  });

  it('tells calls that the client has left, even while others wait behind them', async () => {
    const seen: string[] = [];
    const untilGone = ({ signal }: HubContext) => {
      const gone = new Promise((resolve) => signal.addEventListener('abort', resolve));
      return signal.aborted ? undefined : gone;
    };
    const { hub, connect } = testServer({
      methods: { UntilGone: { call: untilGone } },
      onDisconnected: () => void seen.push('gone'),
    });
    const client = connect().shakesHands();
    for (const id of ['1', '2', '3']) client.says(call('UntilGone', id));
    await settle();
    client.goes();
    await until(() => seen.length > 0);
    expect(hub.connectionCount).toBe(0);
  });

  it('drains all with leave to come back, spread over time, and lets no more in', async () => {
    const { server, timers, connect } = testServer({ methods });
    const clients = [connect().shakesHands(), connect().shakesHands()];
    const drained = server.drain(1000);
    timers.pass(0);
    expect(clients.map(({ ended }) => ended.length)).toEqual([1, 0]);
    timers.pass(1000);
    await drained;
    expect(clients.map((client) => client.received.at(-1))).toEqual(
      clients.map(() => ({ type: 7, allowReconnect: true })),
    );
    expect(connect().ended).toEqual(['close']);
    expect(timers.pending).toBe(0);
  });

  it('aborts who reads too slowly, and nobody else', async () => {
    const { hub, connect } = testServer({ methods }, { maxOutgoingBytes: 1000 });
    const [slow, quick] = [connect().shakesHands(), connect().shakesHands()];
    slow.bufferedBytes = 2000;
    await hub.clients.all.send('m', 1);
    await hub.clients.all.send('m', 2);
    expect(slow.ended).toContain('abort');
    expect(quick.ofType(1)).toHaveLength(2);
  });
});

describe('keep-alive', () => {
  it('pings every 15 seconds after the handshake, whatever else is sent', async () => {
    const { hub, timers, connect } = testServer({ methods });
    const client = connect();
    timers.pass(14_000);
    client.shakesHands();
    timers.pass(14_000);
    await hub.clients.all.send('m');
    timers.pass(16_000);
    expect(client.ofType(6)).toHaveLength(2);
  });

  it('does not ping on long polling', () => {
    const { timers, connect } = testServer({ methods });
    const client = connect({ transport: 'LongPolling', needsPings: false }).shakesHands();
    timers.pass(60_000);
    expect(client.ofType(6)).toEqual([]);
    expect(client.ended).toEqual([]);
  });

  it('gives a silent client up after 30 seconds, once it has pinged', () => {
    const { timers, connect } = testServer({ methods });
    const [pinging, other] = [connect().shakesHands(), connect().shakesHands()];
    pinging.says({ type: 6 });
    timers.pass(20_000);
    pinging.says({ type: 5, invocationId: 'any' });
    timers.pass(29_999);
    expect(pinging.ended).toEqual([]);
    timers.pass(1);
    expect(pinging.received.at(-1)).toEqual({ ...closedWithError, allowReconnect: true });
    expect(other.ended).toEqual([]);
  });

  it('does not count the time that a dispatch takes', async () => {
    const { open, opened } = gate();
    const { timers, connect } = testServer({ methods: { Wait: { call: () => opened } } });
    const client = connect().shakesHands();
    client.says({ type: 6 }, call('Wait', '0'), call('Wait', '1'));
    timers.pass(100_000);
    expect(client.ended).toEqual([]);
    open();
    await until(() => client.ofType(3).length === 2);
    timers.pass(60_000);
    expect(client.ended).toEqual(['close']);
  });
});
