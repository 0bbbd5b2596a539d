import { describe, expect, it } from '@jest/globals';
import { parseTarget, type RoutedRequest } from '@ringback/gateway-kit';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SignalRMount } from './signalr.mount.js';
import type { SignalROptions } from './signalr.options.js';

/** A token of the node, as `signedTokens` writes it. Nobody asks here whether it is true. */
const tokenOf = (node: string, flags = 0) => `${node}.${'i'.repeat(22)}.${flags}tovojg.${'m'.repeat(43)}`;

const WEBSOCKET = { upgrade: 'websocket', connection: 'Upgrade' };

const TOKEN = tokenOf('node-1');
const RETURNING = tokenOf('node-1', 1);
const ELSEWHERE = tokenOf('node-2');
/** Of a connection that this node, `node-1`, holds. */
const HELD = tokenOf('node-1', 2);

function routed(method: string, url: string, headers: IncomingMessage['headers'] = {}): RoutedRequest {
  const request = { method, url, headers } as IncomingMessage;
  return { request, target: parseTarget(request) };
}

/** Whatever is brought to the endpoints. */
function mountOf(eventHubPaths: readonly string[] = [], options: SignalROptions = {}) {
  const urls: (string | undefined)[] = [];
  const sentAway: string[] = [];
  const take = ({ url }: IncomingMessage): boolean => urls.push(url) > 0;
  const hub = { nodeId: 'node-1', sendAway: (id: string) => sentAway.push(id) > 0 };
  const endpoints = { handle: take, upgrade: take, holds: (token: string) => token === HELD };
  return { urls, sentAway, mount: new SignalRMount(hub, endpoints, { eventHubPaths, ...options }) };
}

describe('SignalRMount', () => {
  it.each([
    ['/RealtimeEventPushHub', '/realtimeeventpushhub'],
    ['//a//realtimeEVENTpushhub/?id=X#y', '/realtimeeventpushhub?id=X'],
    ['/a/b/RealtimeEventPushHub//Negotiate?a=1?b', '/realtimeeventpushhub/negotiate?a=1?b'],
    ['/HUB/negotiate?%41=%42', '/hub/negotiate?%41=%42'],
  ])('brings %s to the endpoints as %s', (url, rewritten) => {
    const { mount, urls } = mountOf();
    mount.handle(routed('POST', url), {} as ServerResponse);
    mount.upgrade(routed('GET', url), {} as never, Buffer.alloc(0));
    expect(urls).toEqual([rewritten, rewritten]);
  });

  it('is silent for as long as a poll is held: 50 s, or what is set', () => {
    expect(mountOf().mount.maxSilenceMs).toBe(50_000);
    expect(mountOf([], { pollTimeoutMs: 9_000 }).mount.maxSilenceMs).toBe(9_000);
  });

  it('matches the paths of both hubs, and no other', () => {
    const { mount } = mountOf(['/events']);
    const paths = ['/a//REALTIMEEVENTPUSHHUB/?x', '/EVENTS', '/hub', '/socket.io', '/events/a'];
    const matched = paths.filter((url) => mount.match(parseTarget({ url })));
    expect(matched).toEqual(paths.slice(0, 3));
  });

  it.each([
    ['GET', `/hub?id=${TOKEN}`, 'node-1'],
    ['POST', `/x/RealtimeEventPushHub?access_token=t&ID=${tokenOf('node-2', 2)}`, 'node-2'],
    ['DELETE', `/events?id=${RETURNING}`, 'node-1'],
    ['DELETE', '/hub?id=abc', undefined],
    ['GET', '/hub?id=node-1.abc', undefined],
    ['OPTIONS', `/hub?id=${TOKEN}`, undefined],
    ['POST', '/hub/negotiate?negotiateVersion=1', undefined],
  ])('tells whose %s %s is: %s', (method, url, nodeId) => {
    expect(mountOf(['/events']).mount.nodeFor(routed(method, url))).toBe(nodeId);
  });

  it.each([
    ['POST', '/hub/negotiate?negotiateVersion=1', {}, true],
    ['POST', '/x/RealtimeEventPushHub/negotiate', {}, true],
    ['GET', '/hub', {}, true],
    ['GET', `/hub?id=${TOKEN}`, WEBSOCKET, true],
    ['GET', `/hub?id=${ELSEWHERE}`, WEBSOCKET, true],
    ['GET', `/hub?id=${ELSEWHERE}`, { accept: 'text/event-stream' }, true],
    ['GET', `/hub?id=${TOKEN}`, {}, true],
    ['GET', `/hub?id=${HELD}`, {}, false],
    ['GET', `/hub?id=${ELSEWHERE}`, {}, false],
    ['GET', `/hub?id=${tokenOf('node-2', 1)}`, WEBSOCKET, false],
    ['POST', `/hub?id=${HELD}`, {}, false],
    ['DELETE', `/hub?id=${HELD}`, {}, false],
    ['OPTIONS', '/hub/negotiate', {}, false],
  ])('tells whether %s %s with %j opens a client: %s', (method, url, headers, opens) => {
    expect(mountOf().mount.opensClient(routed(method, url, headers))).toBe(opens);
  });

  it('names connections by what others may see, and sends them away', () => {
    const { mount, sentAway } = mountOf();
    const connection = mount.connectionFor(routed('GET', `/hub?id=${ELSEWHERE}`));
    expect(connection).toBe('i'.repeat(22));
    expect(mount.connectionFor(routed('GET', '/hub?id=abc'))).toBeUndefined();
    expect(mount.sendAway(connection ?? '')).toBe(true);
    expect(sentAway).toEqual([connection]);
  });

  it.each([
    [{ upgrade: 'websocket', connection: 'Upgrade' }, TOKEN, undefined],
    [{ upgrade: 'WebSocket', connection: 'keep-alive, upgrade' }, TOKEN, undefined],
    [{ upgrade: 'websocket', connection: 'Upgrade' }, RETURNING, 'node-1'],
    [{ upgrade: 'h2c', connection: 'Upgrade' }, TOKEN, 'node-1'],
    [{ upgrade: 'websocket' }, TOKEN, 'node-1'],
  ])(
    'leaves a WebSocket to whichever node it lands on, unless it may come back: %j',
    (headers, token, nodeId) => {
      expect(mountOf().mount.nodeFor(routed('GET', `/hub?id=${token}`, headers))).toBe(nodeId);
    },
  );
});
