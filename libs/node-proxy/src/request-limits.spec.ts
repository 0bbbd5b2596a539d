import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { request, type ClientRequest } from 'node:http';
import { Socket } from 'node:net';
import { limitRequest } from './request-limits.js';

const limits = { connectMs: 2_000, responseMs: 60_000 };

describe('limitRequest', () => {
  let socket: Socket;
  let outgoing: ClientRequest;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick'] });
    socket = new Socket();
    Object.defineProperty(socket, 'connecting', { value: true, writable: true });
    outgoing = request({ createConnection: () => socket }).on('error', () => {});
    limitRequest(outgoing, limits);
  });

  afterEach(() => {
    jest.useRealTimers();
    outgoing.destroy();
  });

  it('gives up on a node that does not accept in time, as unreachable', async () => {
    const failed = once(outgoing, 'error');
    await once(outgoing, 'socket');
    await jest.advanceTimersByTimeAsync(limits.connectMs);
    const [error] = (await failed) as [Error];
    expect(error).toMatchObject({ name: 'NodeProxyError', kind: 'unreachable' });
  });

  it('has no limit for accepting once the node has accepted', async () => {
    await once(outgoing, 'socket');
    expect(jest.getTimerCount()).toBe(1);
    socket.emit('connect');
    expect(jest.getTimerCount()).toBe(0);
  });
});
