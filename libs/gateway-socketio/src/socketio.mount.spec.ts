import { describe, expect, it } from '@jest/globals';
import type { Hub } from '@ringback/core';
import { parseTarget, type HttpRouter } from '@ringback/gateway-kit';
import type { IncomingMessage } from 'node:http';
import type { DetachedServer } from './detached-server.js';
import { SocketIoMount } from './socketio.mount.js';
import { DEFAULT_OPTIONS } from './socketio.options.js';

/** Only what the mount says of a request, without anybody behind it. */
function mountAt(path: string): SocketIoMount {
  const options = { ...DEFAULT_OPTIONS, path, pingIntervalMs: 2, pingTimeoutMs: 3 };
  return new SocketIoMount({} as Hub, {} as HttpRouter, {} as DetachedServer, options);
}

function routed(url: string) {
  const request = { url } as IncomingMessage;
  return { request, target: parseTarget(request) };
}

describe('SocketIoMount', () => {
  const mount = mountAt('/socket.io');

  it.each<readonly [string, string | undefined]>([
    ['/socket.io/?EIO=4&transport=polling&sid=node-1.aB_9-x', 'node-1'],
    ['/socket.io?sid=node_2.x', 'node_2'],
    ['/socket.io/?sid=a.x&sid=b.x', 'b'],
    ['/socket.io/?EIO=4&transport=polling', undefined],
    ['/socket.io/?sid=', undefined],
    ['/socket.io/?sid=a.x#&sid=b.x', 'a'],
    ['/socket.io/#?sid=a.x', undefined],
    ['/socket.io/?sid=nodeless', undefined],
    ['/socket.io/?sid=.x', undefined],
    ['/socket.io/?sid=a%0d%0ab.x', undefined],
  ])('names the node of %s as %s', (url, nodeId) => {
    expect(mount.nodeFor(routed(url))).toBe(nodeId);
  });

  it.each([
    ['/socket.io', true],
    ['/socket.io/', true],
    ['/socket.io/?sid=node-1.x', true],
    ['/socket.iox/?sid=node-1.x', false],
    ['/socket.io/a/b', false],
    ['/v1/stream?sid=node-1.x', false],
    ['//?sid=node-1.x', false],
    ['', false],
  ])('says of %p that it is its own: %p', (url, isOwn) => {
    expect(mount.match(parseTarget({ url }))).toBe(isOwn);
  });

  it('is at the path that it is given', () => {
    expect(mountAt('/events').match(parseTarget({ url: '/events/?sid=a.x' }))).toBe(true);
    expect(mountAt('/events').match(parseTarget({ url: '/socket.io/?sid=a.x' }))).toBe(false);
  });

  it('may be silent for as long as a client that is asked whether it is there', () => {
    expect(mount.maxSilenceMs).toBe(5);
  });
});
