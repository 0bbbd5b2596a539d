import type { HubProtocol } from '../protocols/hub-protocol.js';
import { immediateFlow, type InboundFlow, type InboundSource } from './inbound-flow.js';
import { warningsLog, type HubLog } from './hub-log.js';
import { noMetrics, type HubMetrics } from './hub-metrics.js';
import { systemTimers, type Timers } from '../timers.js';

/** How a hub treats its connections. Every limit is per connection. */
export interface HubOptions {
  /** What clients may speak. */
  readonly protocols: readonly HubProtocol[];
  /** For a client to say which protocol it speaks: 15 s. */
  readonly handshakeTimeoutMs: number;
  /** Between two pings to a client: 15 s. Change it together with the clients' server timeout. */
  readonly keepAliveIntervalMs: number;
  /** Silence after which a client that pings counts as gone: 30 s, twice its own keep-alive interval. */
  readonly clientTimeoutMs: number;
  /** Longest message that a client may send, with its frame: 32 KiB. */
  readonly maxMessageBytes: number;
  /** Tells clients what was thrown, and what they did wrong. Off, since exceptions may hold secrets. */
  readonly detailedErrors: boolean;
  /** Invocations of one client that run at the same time; later ones wait: 1. */
  readonly parallelInvocations: number;
  /** Invocations that gave up their slot to wait for a client result, and streams of either direction: 100 of each. */
  readonly maxOpenCalls: number;
  /** Received and not dispatched yet; more ends the connection: 1 MiB. */
  readonly maxHeldBytes: number;
  /** Items of an upload that its method has not read yet; more hold up what the client sends: 10. */
  readonly uploadBufferItems: number;
  /** Sent and not taken by the client yet; more ends the connection, as does a lower `maxBufferedBytes` of its endpoint: 16 MiB. */
  readonly maxOutgoingBytes: number;
  /** As much unsent, and streams to the client wait: 64 KiB. */
  readonly streamPauseBytes: number;
  /** Kept for a client that may come back; more makes senders wait: 100,000. */
  readonly statefulBufferBytes: number;
  /** For a client to answer an invocation: 60 s. */
  readonly clientResultTimeoutMs: number;
  /** For another node to say that a connection is its own: 5 s. */
  readonly nodeAnswerTimeoutMs: number;
  /** When what a client sends is worked on: at once. Called for each connection. */
  readonly inboundFlow: (source: InboundSource) => InboundFlow;
  readonly timers: Timers;
  readonly log: HubLog;
  readonly metrics: HubMetrics;
}

const defaults: Omit<HubOptions, 'protocols'> = {
  handshakeTimeoutMs: 15_000,
  keepAliveIntervalMs: 15_000,
  clientTimeoutMs: 30_000,
  maxMessageBytes: 32 * 1024,
  detailedErrors: false,
  parallelInvocations: 1,
  maxOpenCalls: 100,
  maxHeldBytes: 1024 * 1024,
  uploadBufferItems: 10,
  maxOutgoingBytes: 16 * 1024 * 1024,
  streamPauseBytes: 64 * 1024,
  statefulBufferBytes: 100_000,
  clientResultTimeoutMs: 60_000,
  nodeAnswerTimeoutMs: 5_000,
  inboundFlow: () => immediateFlow,
  timers: systemTimers,
  log: warningsLog,
  metrics: noMetrics,
};

/** What has to be said, and whatever else differs from the defaults. */
export type HubSettings = Partial<HubOptions> & Pick<HubOptions, 'protocols'>;

/** Fills in the defaults. */
export const completeOptions = (settings: HubSettings): HubOptions => ({ ...defaults, ...settings });
