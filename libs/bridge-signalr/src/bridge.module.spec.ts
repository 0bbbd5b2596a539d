import { afterEach, describe, expect, it } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { BRIDGE_CREDENTIALS, BRIDGE_LOG, BRIDGE_METRICS } from '@ringback/bridge-kit';
import { waitFor } from '@ringback/conformance';
import { Hub } from '@ringback/core';
import { MemoryCluster } from '@ringback/memory';
import { SignalRBridgeModule } from './bridge.module.js';
import { ForeignEventHub } from './testing/foreign-event-hub.js';
import { BridgingNode } from './testing/bridging-node.js';

describe('SignalRBridgeModule', () => {
  const closers: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  it('runs the bridges for as long as the node serves', async () => {
    const remote = await ForeignEventHub.start();
    const node = BridgingNode.build(new MemoryCluster());

    @Global()
    @Module({
      providers: [
        { provide: Hub, useValue: node.hub },
        { provide: BRIDGE_CREDENTIALS, useValue: {} },
        { provide: BRIDGE_LOG, useValue: node.log },
        { provide: BRIDGE_METRICS, useValue: node.counted },
      ],
      exports: [Hub, BRIDGE_CREDENTIALS, BRIDGE_LOG, BRIDGE_METRICS],
    })
    class NodeModule {}

    const lists = { subscribe: ['e'], subscribeOnDemand: [], trigger: [] };
    const bridges = SignalRBridgeModule.forRoot([
      { name: 'remote', kind: 'event-hub', url: remote.url, ...lists },
    ]);
    const app = await Test.createTestingModule({ imports: [NodeModule, bridges] }).compile();
    closers.push(
      () => remote.close(),
      () => app.close(),
    );
    await app.init();
    expect(node.log.lines).toEqual([]);
    await node.hub.start();
    await waitFor(() => node.counted.isConnected('remote'), 'the bridge');
    await node.hub.drain();
    expect(node.counted.isConnected('remote')).toBe(false);
  });
});
