import { Inject, Injectable } from '@nestjs/common';
import { Hub, type Channels } from '@ringback/core';
import { CHANNELS } from '@ringback/gateway-kit';
import { createShardedAdapter } from '@socket.io/redis-adapter';
import type { Namespace } from 'socket.io';
import { ChannelsClient } from './channels-client.js';

type Adapter = Namespace['adapter'];

/** Makes the adapter of a namespace. */
export type AdapterFactory = (namespace: Namespace) => Adapter;

/** What Socket.IO alone tells a namespace, with objects that no message between nodes can hold. */
const RESERVED_EVENTS: ReadonlySet<unknown> = new Set(['connect', 'connection', 'new_namespace']);

/** How an adapter hands over what `serverSideEmit` of another node has sent. */
interface ServerSideEvents {
  _onServerSideEmit(args: readonly unknown[]): void;
}

type Acknowledge = (error: Error, replies: readonly unknown[]) => void;

/** The adapters that make one Socket.IO server of the servers at one path on all nodes. */
@Injectable()
export class ClusterAdapters {
  constructor(
    @Inject(Hub) private readonly hub: Pick<Hub, 'failed'>,
    @Inject(CHANNELS) private readonly channels: Channels | undefined,
  ) {}

  /** `undefined` where there is one node only: Socket.IO's own adapter, in memory, is enough there. */
  create(path: string): AdapterFactory | undefined {
    if (!this.channels) return undefined;
    const client = new ChannelsClient(this.channels);
    // `static`: two channels for each namespace and none for rooms, by whose names the other modes take ours for private ones.
    const create = createShardedAdapter(client, client, {
      channelPrefix: `socketio:${path}`,
      subscriptionMode: 'static',
    });
    const handleRejections = this.handleRejections.bind(this);
    // Socket.IO calls it with `new`, which an arrow function does not bear.
    return function createAdapter(namespace: Namespace) {
      refuseReservedEvents(namespace);
      return handleRejections(create(namespace));
    };
  }

  /** Socket.IO lets the rejection of this one method float, which would end the process when the other nodes cannot be reached. */
  private handleRejections<Made extends Adapter>(adapter: Made): Made {
    const emit = adapter.serverSideEmit.bind(adapter) as unknown as (packet: unknown[]) => Promise<void>;
    adapter.serverSideEmit = (packet: unknown[]): void => {
      const last = packet.at(-1);
      emit(packet).catch((error: unknown) => {
        const hubError = this.hub.failed(error);
        if (typeof last === 'function') (last as Acknowledge)(hubError, []);
      });
    };
    return adapter;
  }
}

/** `serverSideEmit` sends none, so only who can write to Redis does: to the namespace it would be a client that has connected. */
function refuseReservedEvents(namespace: ServerSideEvents): void {
  const receive = namespace._onServerSideEmit.bind(namespace);
  namespace._onServerSideEmit = (args) => {
    if (!RESERVED_EVENTS.has(args[0])) receive(args);
  };
}
