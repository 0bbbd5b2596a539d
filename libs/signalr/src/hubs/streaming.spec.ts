import { describe, expect, it } from '@jest/globals';
import { gate, settle, testServer, until } from './testing/test-server.js';

const stream = (target: string, invocationId: string, streamIds?: string[]) => ({
  type: 4,
  target,
  arguments: [],
  invocationId,
  ...(streamIds && { streamIds }),
});
const call = (target: string, invocationId: string, streamIds?: string[]) => ({
  ...stream(target, invocationId, streamIds),
  type: 1,
});
const item = (invocationId: string, item: unknown) => ({ type: 2, invocationId, item });

const join = async (_: unknown, items: AsyncIterable<string>) => {
  let all = '';
  for await (const item of items) all += item;
  return all;
};

describe('streams to the client', () => {
  it('sends each item and then one completion without a result', async () => {
    const client = testServer({ methods: { S: { stream: true, call: () => ['a', null] } } })
      .connect()
      .shakesHands();
    client.says(stream('S', '1'));
    await until(() => client.ofType(3).length > 0);
    expect(client.received.slice(1)).toEqual([
      item('1', 'a'),
      item('1', null),
      { type: 3, invocationId: '1' },
    ]);
  });

  it('stops an endless source on cancellation, lets it clean up, and still completes', async () => {
    let returned = false;
    const endless = async function* () {
      try {
        for (;;) yield 1;
      } finally {
        returned = true;
      }
    };
    const client = testServer({ methods: { S: { stream: true, call: endless } } })
      .connect()
      .shakesHands();
    client.says(stream('S', '1'));
    await until(() => client.ofType(2).length > 20);
    client.says({ type: 5, invocationId: 'unknown' }, { type: 5, invocationId: '1' });
    await until(() => returned && client.ofType(3).length > 0);
    expect(client.ofType(3)).toEqual([{ type: 3, invocationId: '1' }]);
    const items = client.ofType(2).length;
    await settle();
    expect(client.ofType(2)).toHaveLength(items);
  });

  it('lets go of a source that comes after its stream was cancelled', async () => {
    const method = gate();
    let returned = false;
    const late = async function* () {
      try {
        for (;;) yield 1;
      } finally {
        returned = true;
      }
    };
    const call = () => method.opened.then(late);
    const client = testServer({ methods: { S: { stream: true, call } } })
      .connect()
      .shakesHands();
    client.says(stream('S', '1'), { type: 5, invocationId: '1' });
    await until(() => client.ofType(3).length > 0);
    expect(returned).toBe(false);
    method.open();
    await until(() => returned);
    expect(client.ofType(2)).toEqual([]);
  });

  it('completes a cancelled stream whose source never answers', async () => {
    const source = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    const client = testServer({ methods: { S: { stream: true, call: () => source } } })
      .connect()
      .shakesHands();
    client.says(stream('S', '1'));
    await settle();
    client.says({ type: 5, invocationId: '1' });
    await until(() => client.ofType(3).length > 0);
    expect(client.ofType(3)).toEqual([{ type: 3, invocationId: '1' }]);
  });

  it('refuses the id of a stream that still runs', async () => {
    const { opened } = gate();
    const client = testServer({ methods: { S: { stream: true, call: () => opened } } })
      .connect()
      .shakesHands();
    client.says(stream('S', '1'), stream('S', '1'));
    await until(() => client.ofType(3).length > 0);
    expect(client.ofType(3)).toEqual([
      { type: 3, invocationId: '1', error: "Invocation ID '1' is already in use." },
    ]);
  });

  it('waits with the next item while the client is behind', async () => {
    const { timers, connect } = testServer({ methods: { S: { stream: true, call: () => [1, 2, 3] } } });
    const client = connect().shakesHands();
    client.bufferedBytes = 100_000;
    client.says(stream('S', '1'));
    await settle();
    expect(client.ofType(2)).toHaveLength(1);
    client.bufferedBytes = 0;
    timers.pass(100);
    await until(() => client.ofType(3).length > 0);
    expect(client.ofType(2)).toHaveLength(3);
  });

  it('takes no slot, and bounds how many a client may open', async () => {
    const { opened } = gate();
    const methods = { S: { stream: true, call: () => opened }, Plain: { call: () => 1 } };
    const client = testServer({ methods }, { maxOpenCalls: 2 }).connect().shakesHands();
    client.says(stream('S', '1'), stream('S', '2'), stream('S', '3'), call('Plain', '4'));
    await until(() => client.ofType(3).length === 2);
    expect(client.ofType(3)[0]?.['error']).toContain('Too many streams are open.');
    expect(client.ofType(3)[1]).toEqual({ type: 3, invocationId: '4', result: 1 });
  });
});

describe('streams from the client', () => {
  it('hands items over in order, and the end', async () => {
    const client = testServer({ methods: { Join: { uploads: 1, call: join } } })
      .connect()
      .shakesHands();
    client.says(call('Join', '1', ['7']), item('7', 'a'), item('8', 'x'), item('7', 'b'), {
      type: 3,
      invocationId: '7',
    });
    await until(() => client.ofType(3).length > 0);
    expect(client.ofType(3)).toEqual([{ type: 3, invocationId: '1', result: 'ab' }]);
  });

  it('surfaces the error of a stream in its method', async () => {
    const client = testServer({ methods: { Join: { uploads: 1, call: join } } })
      .connect()
      .shakesHands();
    client.says(call('Join', '1', ['7']), { type: 3, invocationId: '7', error: 'lost it' });
    await until(() => client.ofType(3).length > 0);
    expect(client.ofType(3)[0]?.['error']).toContain('HubException: lost it');
  });

  it('holds up the client after ten items that nobody reads, and goes on when they are read', async () => {
    const { open, opened } = gate();
    const slow = async (_: unknown, items: AsyncIterable<string>) => {
      await opened;
      return join(_, items);
    };
    const methods = { Slow: { uploads: 1, call: slow }, Plain: { call: () => 1 } };
    const client = testServer({ methods }).connect().shakesHands();
    const items = Array.from({ length: 12 }, () => item('7', 'a'));
    client.says(call('Slow', '1', ['7']), ...items, { type: 3, invocationId: '7' }, call('Plain', '2'));
    await settle();
    expect(client.ofType(3)).toEqual([]);
    open();
    await until(() => client.ofType(3).length === 2);
    expect(client.ofType(3)).toContainEqual({ type: 3, invocationId: '1', result: 'a'.repeat(12) });
  });

  it('drops what comes after its method is over', async () => {
    const methods = { Early: { uploads: 1, call: () => 'done' }, Plain: { call: () => 1 } };
    const client = testServer({ methods }).connect().shakesHands();
    client.says(call('Early', '1', ['7']));
    await until(() => client.ofType(3).length > 0);
    client.says(...Array.from({ length: 30 }, () => item('7', 'a')), call('Plain', '2'));
    await until(() => client.ofType(3).length === 2);
  });

  it('closes a client that sends more than is taken in', async () => {
    const { opened } = gate();
    const { connect } = testServer(
      { methods: { Stuck: { uploads: 1, call: () => opened } } },
      { maxHeldBytes: 5000 },
    );
    const client = connect().shakesHands();
    client.says(call('Stuck', '1', ['7']));
    for (let count = 0; count < 20; count += 1) client.says(item('7', 'a'.repeat(1000)));
    expect(client.ended).toEqual(['close']);
    expect(client.received.at(-1)).toEqual({
      type: 7,
      error: 'Connection closed with an error.',
      allowReconnect: true,
    });
  });
});
