import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { Bench, until } from './testing/bench.js';

let bench: Bench;
afterEach(async () => bench.stop());

/** Enough to fill what the operating system holds for a socket. */
const chunk = 'x'.repeat(100_000);
const chunks = 200;

describe('a WebSocket that is paused', () => {
  it('leaves what the client sends with the client, and takes all of it once resumed', async () => {
    bench = await Bench.start();
    const socket = await bench.open('/hub');
    bench.last.connection.pause();
    for (let count = 0; count < chunks; count += 1) socket.send(chunk);
    await bench.ask('GET', '/hub'); // a whole turn of both sides
    expect(bench.last.inbound.length).toBeLessThanOrEqual(2 * chunk.length);
    expect(socket.bufferedAmount).toBeGreaterThan(0);
    bench.last.connection.resume();
    await until(() => bench.last.inbound.length === chunks * chunk.length);
  });

  it('still closes in peace', async () => {
    bench = await Bench.start();
    const socket = await bench.open('/hub');
    bench.last.connection.pause();
    const closed = once(socket, 'close');
    bench.last.connection.close();
    expect((await closed)[0]).toBe(1000);
    await until(() => bench.last.ended);
    expect(bench.last.error).toBeUndefined();
  });

  it('stays paused on the next socket of stateful reconnect', async () => {
    bench = await Bench.start({ statefulReconnect: true });
    const token = await bench.token('negotiateVersion=1&useStatefulReconnect=true');
    await bench.open(`/hub?id=${token}`);
    bench.last.connection.pause();
    const next = await bench.open(`/hub?id=${token}`);
    await until(() => bench.last.reattached === 1);
    next.send('later');
    await bench.ask('GET', '/hub');
    expect(bench.last.inbound).toBe('');
    bench.last.connection.resume();
    await until(() => bench.last.inbound === 'later');
  });
});

describe.each(['event stream', 'poll'])('the POSTs of a paused client with an %s', (kind) => {
  const open = async (): Promise<string> => {
    bench = await Bench.start();
    const token = await bench.token();
    if (kind === 'poll') await bench.ask('GET', `/hub?id=${token}`);
    else await bench.stream(token);
    bench.last.connection.pause();
    return `/hub?id=${token}`;
  };

  it('wait until it is resumed, in order', async () => {
    const target = await open();
    const answers = [bench.ask('POST', target, {}, 'a')];
    await bench.ask('GET', '/hub');
    answers.push(bench.ask('POST', target, {}, 'b'));
    await bench.ask('GET', '/hub');
    expect(bench.last.inbound).toBe('');
    bench.last.connection.resume();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200]);
    expect(bench.last.inbound).toBe('ab');
  });

  it('are answered when it is over', async () => {
    const target = await open();
    const answer = bench.ask('POST', target, {}, 'a');
    await bench.ask('GET', '/hub');
    bench.last.connection.abort();
    expect((await answer).status).toBe(404);
    expect(bench.last.inbound).toBe('');
  });
});
