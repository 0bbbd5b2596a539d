import {
  DEFAULT_LIMITS,
  parseEventGuid,
  type Limits,
  type Published,
  type Trigger,
} from '@ringback/contract';
import { CountingMetrics, OpenAccess, RecordingLog, SystemClock, type MemoryCluster } from '@ringback/memory';
import { Hub, type HubPorts, type Subscribed } from '../hub.js';
import type { Identity } from '../ports/access-policy.port.js';
import { RecordingConnection } from './recording-connection.js';

const ANYONE: Identity = { name: 'anyone' };
let hubs = 0;

/** One node on a memory cluster, with ports that a test may replace. */
export class TestHub {
  readonly metrics = new CountingMetrics();
  readonly log = new RecordingLog();
  readonly hub: Hub;
  private connections = 0;

  constructor(
    cluster: MemoryCluster,
    { ports = {}, limits = {} }: { ports?: Partial<HubPorts>; limits?: Partial<Limits> } = {},
  ) {
    const nodeId = `n${++hubs}`;
    const access = new OpenAccess();
    const given = {
      ...cluster.node(),
      access,
      clock: new SystemClock(),
      log: this.log,
      metrics: this.metrics,
    };
    this.hub = new Hub(
      { ...given, ...ports },
      {
        nodeId,
        address: 'http://node',
        version: '0',
        limits: { ...DEFAULT_LIMITS, ...limits },
        leaseMs: 15_000,
      },
    );
  }

  connect(): RecordingConnection {
    const connection = new RecordingConnection(`${this.hub.nodeId}-c${++this.connections}`);
    this.hub.connect(connection, ANYONE);
    return connection;
  }

  subscribe(
    { connectionId }: RecordingConnection,
    eventguid: string,
    cookie: string,
    after?: Published['position'],
  ): Promise<Subscribed> {
    return this.hub.subscribe(connectionId, {
      eventguid: parseEventGuid(eventguid),
      cookie,
      ...(after && { after }),
    });
  }

  trigger(eventguid: string, data: Trigger['data'] = '', options: Partial<Trigger> = {}): Promise<Published> {
    return this.hub.trigger(ANYONE, {
      eventguid: parseEventGuid(eventguid),
      data,
      removeAfterSend: false,
      ...options,
    });
  }
}
