import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { HubError } from '@ringback/contract';
import type { DrainSource } from '@ringback/core';
import { OriginPolicy } from '@ringback/http-kit';
import { RecordingLog } from '@ringback/memory';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { ForwardedLinks } from './forwarded-links.js';
import { HttpRouter } from './http-router.js';
import { NodeForwarder } from './node-forwarder.js';
import type { ProtocolMount } from './protocol-mount.js';

/** As long as a node waits for what it forwards. */
const LIMIT_MS = 2_000;
const SHORT_MS = 50;

type Listener = (from: string, body: string) => void;

/** What nodes say to each other, in one process. */
class Notes {
  readonly told: string[] = [];
  private readonly listeners = new Map<string, Listener>();

  of(nodeId: string) {
    return {
      listen: (_subject: string, listener: Listener) => {
        this.listeners.set(nodeId, listener);
        return () => this.listeners.delete(nodeId);
      },
      tell: (to: string, subject: string, body: string) => {
        this.told.push(`${subject} to ${to}: ${body}`);
        this.listeners.get(to)?.(nodeId, body);
      },
      tellAll: () => undefined,
    };
  }
}

class Node {
  readonly sentAway: string[] = [];
  readonly log = new RecordingLog();
  readonly sockets = new WebSocketServer({ noServer: true });
  readonly server: Server = createServer();
  isDraining = false;
  readonly router: HttpRouter;
  readonly links: ForwardedLinks;
  private readonly sources: DrainSource[] = [];
  private readonly held = new Map<string, ServerResponse>();

  constructor(
    readonly nodeId: string,
    notes: Notes,
    private readonly nodes: ReadonlyMap<string, Node>,
  ) {
    const reportError = (error: unknown): HubError => HubError.from(error);
    const addressOf = async (id: string) => this.nodes.get(id)?.url;
    const forwarder = new NodeForwarder({ nodeId, addressOf, log: this.log, reportError });
    const isDraining = () => this.isDraining;
    const router = new HttpRouter({
      nodeId,
      origins: new OriginPolicy(),
      forwarder,
      isDraining,
      reportError,
    });
    router.mount(this.mount());
    router.attach(this.server);
    const hub = {
      notes: notes.of(nodeId) as never,
      addDrainSource: (source: DrainSource) => void this.sources.push(source),
    };
    this.links = new ForwardedLinks({ hub, router, forwarder, log: this.log });
    this.links.start();
    this.router = router;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What its hub would close in its drain. */
  drainWork() {
    return this.sources.flatMap((source) => source());
  }

  async start(): Promise<void> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
  }

  holds(connection: string): boolean {
    return this.held.get(connection)?.writableEnded === false;
  }

  /** Answers a request that it holds. */
  answer(connection: string): void {
    this.held.get(connection)?.end('answered');
  }

  async close(): Promise<void> {
    this.router.close();
    for (const socket of this.sockets.clients) socket.terminate();
    this.server.close().closeAllConnections();
    if (this.server.listening) await once(this.server, 'close');
  }

  /** `?node=` says whose a request is, `?id=` to which connection it belongs; without one it opens a client. */
  private mount(): ProtocolMount {
    return {
      name: 'test',
      precedence: 'exact',
      maxSilenceMs: 10_000,
      match: () => true,
      nodeFor: ({ target }) => target.query.get('node') ?? undefined,
      opensClient: ({ target }) => !target.query.has('id'),
      connectionFor: ({ target }) => target.query.get('id') ?? undefined,
      sendAway: (connection) => {
        this.held.get(connection)?.end('go');
        return this.sentAway.push(connection) > 0;
      },
      handle: ({ target: { query } }, response) => {
        if (query.has('hold')) this.held.set(query.get('id') ?? '', response);
        else response.end('ok');
      },
      upgrade: ({ request }, socket, head) =>
        this.sockets.handleUpgrade(request, socket, head, (link) => this.sockets.emit('connection', link)),
    };
  }
}

describe('ForwardedLinks', () => {
  let notes: Notes;
  let holder: Node;
  let forwarding: Node;
  const clients: WebSocket[] = [];

  beforeEach(async () => {
    notes = new Notes();
    const nodes = new Map<string, Node>();
    [holder, forwarding] = [new Node('a', notes, nodes), new Node('b', notes, nodes)];
    for (const node of [holder, forwarding]) {
      nodes.set(node.nodeId, node);
      await node.start();
    }
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.terminate();
    await forwarding.close();
    await holder.close();
  });

  async function webSocket(id: string): Promise<WebSocket> {
    const client = new WebSocket(`${forwarding.url.replace('http', 'ws')}/?node=a&id=${id}`);
    clients.push(client);
    await once(client, 'open');
    return client;
  }

  it('has the holder send away whoever has an upgrade or a poll through this node, each once', async () => {
    await webSocket('one');
    const poll = new AbortController();
    const held = fetch(`${forwarding.url}/?node=a&id=two&hold`, { signal: poll.signal }).catch(
      () => 'aborted',
    );
    const again = fetch(`${forwarding.url}/?node=a&id=two&hold`, { signal: poll.signal }).catch(
      () => 'aborted',
    );
    await waitFor(() => forwarding.drainWork().length === 2);
    for (const close of forwarding.drainWork()) close();
    expect(holder.sentAway.sort()).toEqual(['one', 'two']);
    expect(forwarding.sentAway).toEqual([]);
    poll.abort();
    expect([await held, await again]).toEqual(['aborted', 'aborted']);
  });

  it('asks for nobody whose poll is answered before its turn in the drain has come, though there is a new one', async () => {
    const poll = async (): Promise<string> => (await fetch(`${forwarding.url}/?node=a&id=one&hold`)).text();
    const first = poll();
    await waitFor(() => forwarding.drainWork().length === 1);
    const [close] = forwarding.drainWork();
    await waitFor(() => holder.holds('one'));
    holder.answer('one');
    expect(await first).toBe('answered');
    const second = poll();
    await waitFor(() => holder.holds('one'));
    close!();
    expect(holder.sentAway).toEqual([]);
    holder.answer('one');
    await second;
  });

  it('has sent away at its end whose poll stays, those too that come meanwhile, and nobody whose poll is answered', async () => {
    const poll = async (query: string): Promise<string> =>
      (await fetch(`${forwarding.url}/?node=a&${query}`)).text();
    const stays = poll('id=one&hold');
    await waitFor(() => forwarding.links.size === 1);
    expect(forwarding.links.clients).toBe(1);
    const finished = forwarding.links.finish(LIMIT_MS);
    const comes = poll('id=two&hold');
    expect(await poll('id=three')).toBe('ok');
    expect([await stays, await comes]).toEqual(['go', 'go']);
    await finished;
    expect(holder.sentAway).toEqual(['one', 'two']);
    expect(forwarding.links.size).toBe(0);
  });

  it('waits at its end for what only sends, which sends nobody away, but not for longer than it is told to', async () => {
    const sent = fetch(`${forwarding.url}/?node=a&id=one&hold`, { method: 'POST' });
    await waitFor(() => holder.holds('one'));
    await forwarding.links.finish(SHORT_MS);
    expect([forwarding.links.size, forwarding.links.clients]).toEqual([1, 0]);
    const finished = forwarding.links.finish(LIMIT_MS);
    holder.answer('one');
    await finished;
    expect((await sent).status).toBe(200);
    expect(holder.sentAway).toEqual([]);
  });

  it('asks for nobody whose exchange is over, and for no request that only sends', async () => {
    const client = await webSocket('one');
    await fetch(`${forwarding.url}/?node=a&id=two`);
    const sending = new AbortController();
    const post = { method: 'POST', signal: sending.signal };
    const sent = fetch(`${forwarding.url}/?node=a&id=three&hold`, post).catch(() => 'aborted');
    expect(forwarding.drainWork()).toHaveLength(1);
    client.close();
    await waitFor(() => forwarding.drainWork().length === 0);
    sending.abort();
    await sent;
  });

  it('closes the link of a forwarded request with its answer, once it is about to stop', async () => {
    const url = `${forwarding.url}/?node=a&id=one`;
    expect((await fetch(url)).headers.get('connection')).toBe('keep-alive');
    forwarding.router.leave();
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
  });

  it('logs what it cannot read, and goes on', () => {
    const peers = notes.of('b');
    for (const body of ['', 'null', '[]', '{"protocol":1}']) peers.tell('a', 'forwarded-links', body);
    expect(holder.log.at('error')).toHaveLength(4);
    peers.tell('a', 'forwarded-links', '{"protocol":"other","connection":"one"}');
    expect(holder.sentAway).toEqual([]);
    peers.tell('a', 'forwarded-links', '{"protocol":"test","connection":"one"}');
    expect(holder.sentAway).toEqual(['one']);
  });
});

describe('HttpRouter of a node that drains', () => {
  let node: Node;

  beforeEach(async () => {
    node = new Node('a', new Notes(), new Map());
    await node.start();
    node.isDraining = true;
  });

  afterEach(() => node.close());

  it('refuses new clients with draining and Retry-After, on requests and upgrades', async () => {
    const answer = await fetch(node.url);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(await answer.json()).toMatchObject({ code: 'draining' });
    const socket = new WebSocket(node.url.replace('http', 'ws'));
    const [, refusal] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(refusal.resume().statusCode).toBe(503);
    expect(refusal.headers['retry-after']).toBe('1');
  });

  it('forwards requests, and no upgrades', async () => {
    const other = `${node.url}/?id=one&node=other`;
    expect(await (await fetch(other)).json()).toMatchObject({ code: 'transport-session-not-found' }); // nobody knows the other
    const socket = new WebSocket(other.replace('http', 'ws'));
    const [, refusal] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(refusal.resume().statusCode).toBe(503);
    expect(refusal.headers['retry-after']).toBe('1');
  });

  it('forwards nothing once it is closed', async () => {
    node.router.close();
    const answer = await fetch(`${node.url}/?id=one&node=other`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'draining' });
  });

  it('goes on with the clients that there are', async () => {
    expect((await fetch(`${node.url}/?id=one`)).status).toBe(200);
    const socket = new WebSocket(`${node.url.replace('http', 'ws')}/?id=one`);
    await once(socket, 'open');
    socket.terminate();
  });
});
