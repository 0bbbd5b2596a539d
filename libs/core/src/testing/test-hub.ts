import {
  DEFAULT_LIMITS,
  parseEventGuid,
  type CloseReasonName,
  type Limits,
  type Position,
  type Published,
  type Trigger,
} from '@ringback/contract';
import { CountingMetrics, OpenAccess, RecordingLog, SystemClock, type MemoryCluster } from '@ringback/memory';
import { Hub, type HubPorts, type SessionRequest, type Subscribed, type TriggerResult } from '../hub.js';
import type { ResumeMode } from '../named-session.js';
import type { Identity } from '../ports/access-policy.port.js';
import type { Codec } from '../ports/codec.port.js';
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

  connect(session?: SessionRequest, identity: Identity = ANYONE, codec?: Codec): RecordingConnection {
    const connection = new RecordingConnection(`${this.hub.nodeId}-c${++this.connections}`, codec);
    this.hub.connect(connection, identity, session);
    return connection;
  }

  /** A connection of the named subscriber `n:anyone/<subscriberId>`, behind a gateway that does as the hub says. */
  connectNamed(resume: ResumeMode = 'on-connect', subscriberId = 's'): RecordingConnection {
    const connection = this.connect({ subscriberId, resume });
    connection.onClose = ({ name }) => {
      queueMicrotask(() => this.hub.disconnect(connection.connectionId, name as CloseReasonName));
    };
    return connection;
  }

  disconnect({ connectionId }: RecordingConnection): void {
    this.hub.disconnect(connectionId);
  }

  acknowledge({ connectionId }: RecordingConnection, eventguid: string, position: Position): Promise<void> {
    return this.hub.acknowledge(connectionId, parseEventGuid(eventguid), position);
  }

  unsubscribe({ connectionId }: RecordingConnection, eventguid: string): Promise<boolean> {
    return this.hub.unsubscribe(connectionId, parseEventGuid(eventguid));
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

  trigger(
    eventguid: string,
    data: Trigger['data'] = '',
    options: Partial<Trigger> = {},
    waitMs?: number,
  ): Promise<TriggerResult> {
    const trigger = { eventguid: parseEventGuid(eventguid), data, removeAfterSend: false, ...options };
    return this.hub.trigger(ANYONE, trigger, waitMs === undefined ? {} : { waitMs });
  }

  /** Triggers the last time for those who are subscribed now. */
  async cut(eventguid: string, data: Trigger['data'] = 'cut'): Promise<Position> {
    return (await this.trigger(eventguid, data, { removeAfterSend: true })).position;
  }
}
