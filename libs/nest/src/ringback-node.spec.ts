import 'reflect-metadata';
import { describe, expect, it, jest } from '@jest/globals';
import { Inject, Injectable } from '@nestjs/common';
import { Deferred } from '@ringback/async';
import { waitFor } from '@ringback/conformance';
import { parseEventGuid } from '@ringback/contract';
import { Hub } from '@ringback/core';
import { MemoryCluster } from '@ringback/memory';
import dns, { type LookupAddress } from 'node:dns';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HubClient } from './hub-client.js';
import { RingbackNode } from './ringback-node.js';
import { createApplication, createApplicationContext, portsOf } from './testing/test-application.js';

type LookupCallback = (error: null, found: string | readonly LookupAddress[], family?: number) => void;

/** Subscribes before the application listens. */
@Injectable()
class EarlySubscriber {
  constructor(@Inject(HubClient) private readonly client: HubClient) {}

  async onModuleInit(): Promise<void> {
    await this.client.subscribe('e', 'c', () => undefined);
  }
}

describe('RingbackNode, closed before it has joined', () => {
  const trigger = { eventguid: parseEventGuid('e'), data: '', removeAfterSend: false };

  it('stops a service that was still starting', async () => {
    const events: string[] = [];
    const starting = new Deferred<void>();
    const { app, log } = await createApplication();
    app.get(Hub).addService({
      start: () => {
        events.push('starting');
        return starting.promise;
      },
      stop: () => void events.push('stopped'),
    });
    await app.listen(0, '127.0.0.1');
    const ready = app
      .get(RingbackNode)
      .ready()
      .catch((error: unknown) => error);
    await waitFor(() => events.includes('starting'));
    const closed = app.close();
    expect(await ready).toMatchObject({ code: 'draining' });
    starting.resolve();
    await closed;
    expect(events).toEqual(['starting', 'stopped']);
    expect(log.at('error')).toEqual([]);
  });

  it('does not wait for a service whose start hangs longer than it is told to', async () => {
    const { app } = await createApplication();
    const started = new Deferred<void>();
    app.get(Hub).addService({
      start: () => {
        started.resolve();
        return new Promise<void>(() => undefined);
      },
      stop: () => undefined,
    });
    await app.listen(0, '127.0.0.1');
    await started.promise;
    const closed = app.close();
    app.get(RingbackNode).cutDrainShort();
    await closed;
  });

  it('stops all that was started before a service failed, which it logs once', async () => {
    const events: string[] = [];
    const cluster = new MemoryCluster();
    const { app, log } = await createApplication({ nodeId: 'a', providers: [portsOf(cluster)] });
    const hub = app.get(Hub);
    hub.addService({ start: () => undefined, stop: () => void events.push('stopped') });
    hub.addService({ start: () => Promise.reject(new Error('no port')), stop: () => undefined });
    await app.listen(0, '127.0.0.1');
    await expect(app.get(RingbackNode).ready()).rejects.toThrow('no port');
    const { leases } = cluster.node();
    expect(await leases.node('a')).toBeDefined();
    await app.close();
    expect(events).toEqual(['stopped']);
    expect(await leases.node('a')).toBeUndefined();
    expect(log.lines.filter(({ level }) => level !== 'info')).toEqual([
      expect.objectContaining({ message: 'authentication disabled: everybody may do everything' }),
      expect.objectContaining({ message: 'node has not joined the cluster' }),
    ]);
  });

  it('leaves no cluster that it never joined', async () => {
    const { leases, ...ports } = new MemoryCluster().node();
    const release = jest.spyOn(leases, 'release');
    const { app, log } = await createApplication({
      providers: [portsOf(new MemoryCluster(), { ...ports, leases })],
    });
    await app.init();
    await app.close();
    expect(release).not.toHaveBeenCalled();
    expect(log.at('warn')).toEqual([
      expect.objectContaining({ message: 'authentication disabled: everybody may do everything' }),
    ]);
  });

  it('ends subscriptions of an application that never listened', async () => {
    const cluster = new MemoryCluster();
    const { app } = await createApplication(
      { providers: [portsOf(cluster)] },
      { providers: [EarlySubscriber] },
    );
    await app.init();
    const { relay } = cluster.node();
    expect((await relay.publish(trigger)).subscribers).toBe(1);
    await app.close();
    expect((await relay.publish(trigger)).subscribers).toBe(0);
    await expect(app.get(RingbackNode).ready()).rejects.toThrow(
      expect.objectContaining({ code: 'draining' }),
    );
  });
});

describe('RingbackNode, listening', () => {
  /** `localhost` has two addresses, as it has on most machines; other hosts are addresses. */
  function lookUp(host: string, ...rest: readonly unknown[]): void {
    const callback = rest.at(-1) as LookupCallback;
    const addresses = host === 'localhost' ? ['127.0.0.1', '127.0.0.2'] : [host];
    const found = addresses.map((address) => ({ address, family: 4 }));
    if ((rest[0] as dns.LookupOptions).all) callback(null, found);
    else callback(null, addresses[0] ?? '', 4);
  }

  it('says that the framework serves further addresses past its protocols', async () => {
    const lookup = jest.spyOn(dns, 'lookup').mockImplementation(lookUp);
    const { app, log } = await createApplication();
    await app.listen(0, 'localhost');
    lookup.mockRestore();
    await app.close();
    const addresses = [expect.objectContaining({ address: '127.0.0.2' })];
    expect(log.at('error')).toEqual([
      expect.objectContaining({
        message: 'protocols not served on further addresses',
        fields: { addresses },
      }),
    ]);
  });

  it('says nothing where there is one address', async () => {
    const { app, log } = await createApplication();
    await app.listen(0, '127.0.0.1');
    await app.close();
    expect(log.at('error')).toEqual([]);
  });

  it('joins where it listens on a Unix socket', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ringback-nest-'));
    const { app } = await createApplication();
    await app.listen(join(directory, 'socket'));
    await app.get(RingbackNode).ready();
    await app.close();
    await rm(directory, { recursive: true });
  });

  it('joins in an application without HTTP, which triggers and subscribes', async () => {
    const app = await createApplicationContext();
    await app.get(RingbackNode).ready();
    const received: string[] = [];
    const client = app.get(HubClient);
    await client.subscribe('e', 'c', ({ data }) => received.push(data));
    await client.trigger('e', 'x');
    await waitFor(() => received.length > 0);
    await app.close();
  });
});
