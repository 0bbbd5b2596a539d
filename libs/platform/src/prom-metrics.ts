import type { CloseReasonName, ErrorCode } from '@ringback/contract';
import type { DisconnectReason, Metrics, NodeFigures, PauseCause } from '@ringback/core';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** From a hop on one machine to a relay in trouble, in seconds. */
const DELAY_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

/** What the core counts, for Prometheus, in a registry of its own. */
export class PromMetrics implements Metrics {
  readonly registry = new Registry();
  private figures: () => NodeFigures = () => ({
    connections: 0,
    subscriptions: 0,
    events: 0,
    outboxBytes: 0,
  });

  private healthy: () => boolean = () => true;
  private unreadable: () => number = () => 0;

  private readonly triggers = this.counter('ringback_triggers_total', 'Triggers accepted on this node.');
  private readonly deliveries = this.counter(
    'ringback_deliveries_total',
    'Deliveries to subscriptions of this node.',
  );
  private readonly envelopes = this.counter(
    'ringback_relay_envelopes_total',
    'Envelopes the relay brought to this node.',
  );
  private readonly delay = new Histogram({
    name: 'ringback_relay_delay_seconds',
    help: 'From the moment a trigger was accepted to the arrival of its envelope.',
    buckets: DELAY_BUCKETS,
    registers: [this.registry],
  });
  private readonly connections = new Gauge({
    name: 'ringback_connections',
    help: 'Connections of this node.',
    labelNames: ['gateway'],
    registers: [this.registry],
  });
  private readonly disconnections = this.counter('ringback_disconnections_total', 'Connections that ended.', [
    'gateway',
    'reason',
  ]);
  private readonly evictions = this.counter(
    'ringback_outbox_evictions_total',
    'Connections closed because too much was waiting for all connections of this node together.',
  );
  private readonly pauses = this.counter(
    'ringback_inbound_pauses_total',
    'How often a connection was not read from for a while.',
    ['gateway', 'cause'],
  );
  private readonly pausedSeconds = this.counter(
    'ringback_inbound_paused_seconds_total',
    'For how long connections were not read from.',
    ['gateway', 'cause'],
  );
  private readonly pausedNow = new Gauge({
    name: 'ringback_inbound_paused',
    help: 'Connections of this node that are not read from now.',
    labelNames: ['gateway', 'cause'],
    registers: [this.registry],
  });
  private readonly excesses = this.counter(
    'ringback_inbound_closes_total',
    'Connections closed for what they sent, those that were not admitted included.',
    ['gateway', 'reason'],
  );
  private readonly errors = this.counter('ringback_errors_total', 'Commands answered with an error.', [
    'code',
  ]);
  private readonly gaps = this.counter(
    'ringback_gaps_total',
    'Gaps between envelopes; filled if the history had them.',
    ['filled'],
  );
  private readonly recoveries = this.counter(
    'ringback_recoveries_total',
    'Subscribers that came back with their last position; recovered if everything after it was there.',
    ['recovered'],
  );
  private readonly sweeps = this.counter(
    'ringback_expired_subscriptions_total',
    'Subscriptions of dead nodes that this node removed.',
  );

  private readonly loops = this.counter(
    'ringback_bridge_loops_total',
    'Triggers that came back over bridges to the cluster that they were first made in.',
  );
  private readonly bridged = this.counter(
    'ringback_bridge_messages_total',
    'What bridges were to carry in or out, and what became of it.',
    ['bridge', 'direction', 'result'],
  );
  private readonly bridges = new Gauge({
    name: 'ringback_bridge_connected',
    help: 'Whether this node holds the connection of the bridge: 1 or 0.',
    labelNames: ['bridge'],
    registers: [this.registry],
  });

  constructor() {
    this.gauge('ringback_relay_healthy', 'Whether what is published reaches this node: 1 or 0.', () =>
      Number(this.healthy()),
    );
    const unreadable: Counter = new Counter({
      name: 'ringback_unreadable_entries_total',
      help: 'What stood in Redis, or came over its channels, and was none of ours.',
      registers: [this.registry],
      collect: () => {
        unreadable.reset();
        unreadable.inc(this.unreadable());
      },
    });
    this.gauge('ringback_subscriptions', 'Subscriptions of this node.', (figures) => figures.subscriptions);
    this.gauge('ringback_followed_events', 'Events that this node follows.', (figures) => figures.events);
    this.gauge(
      'ringback_outbox_bytes',
      'Bytes that wait for connections of this node.',
      (figures) => figures.outboxBytes,
    );
    collectDefaultMetrics({ register: this.registry });
  }

  /** Sets where gauges are read from at each scrape. */
  readFigures(figures: () => NodeFigures): void {
    this.figures = figures;
  }

  /** Sets where the gauges of a node without Redis are read from at each scrape. */
  readMemory(use: () => { readonly events: number; readonly bytes: number }): void {
    this.gauge('ringback_memory_events', 'Events that this node keeps in its memory.', () => use().events);
    this.gauge(
      'ringback_memory_bytes',
      'Bytes of histories and idempotency keys that this node keeps in its memory.',
      () => use().bytes,
    );
  }

  /** Sets where the bytes of durable subscribers are read from at each scrape. */
  readDurableBytes(bytes: () => number): void {
    this.gauge(
      'ringback_durable_identity_bytes',
      'Bytes that the durable subscribers of one identity keep: of the one that keeps most, as this node last heard.',
      bytes,
    );
  }

  /** Sets where the connections that are not admitted yet are read from at each scrape. */
  readPending(pending: () => { readonly served: number; readonly waiting: number }): void {
    this.gauge(
      'ringback_pending_connections',
      'Connections of this node whose client is not admitted yet.',
      () => pending().served,
    );
    this.gauge(
      'ringback_waiting_connections',
      'Connections of this node that wait until others are admitted.',
      () => pending().waiting,
    );
  }

  /** Sets where the number of forwarded links is read from at each scrape. */
  readForwardedLinks(links: () => number): void {
    this.gauge('ringback_forwarded_links', 'Clients of other nodes whose links go through this node.', links);
  }

  /** Sets what may wait for the connections together. */
  setOutboxBudget(bytes: number): void {
    const name = 'ringback_outbox_budget_bytes';
    const help = 'Bytes that may wait for all connections of this node together.';
    new Gauge({ name, help, registers: [this.registry] }).set(bytes);
  }

  /** Sets where the health of the relay is read from at each scrape. */
  readHealth(healthy: () => boolean): void {
    this.healthy = healthy;
  }

  /** Sets where the number of unreadable entries is read from at each scrape. */
  readUnreadable(unreadable: () => number): void {
    this.unreadable = unreadable;
  }

  triggered(): void {
    this.triggers.inc();
  }

  relayed(delayMs: number): void {
    this.envelopes.inc();
    // Clocks of two machines differ: an envelope may seem to come before it was sent.
    this.delay.observe(Math.max(0, delayMs) / 1000);
  }

  delivered(subscriptions: number): void {
    this.deliveries.inc(subscriptions);
  }

  connected(gateway: string): void {
    this.connections.inc({ gateway });
  }

  disconnected(gateway: string, reason: DisconnectReason): void {
    this.connections.dec({ gateway });
    this.disconnections.inc({ gateway, reason });
  }

  evicted(): void {
    this.evictions.inc();
  }

  paused(gateway: string, cause: PauseCause): void {
    this.pauses.inc({ gateway, cause });
    this.pausedNow.inc({ gateway, cause });
  }

  resumed(gateway: string, cause: PauseCause, pausedMs: number): void {
    this.pausedSeconds.inc({ gateway, cause }, pausedMs / 1000);
    this.pausedNow.dec({ gateway, cause });
  }

  exceeded(gateway: string, reason: CloseReasonName): void {
    this.excesses.inc({ gateway, reason });
  }

  failed(code: ErrorCode): void {
    this.errors.inc({ code });
  }

  gap(filled: boolean): void {
    this.gaps.inc({ filled: String(filled) });
  }

  recovered(recovered: boolean): void {
    this.recoveries.inc({ recovered: String(recovered) });
  }

  swept(subscriptions: number): void {
    this.sweeps.inc(subscriptions);
  }

  /** A trigger was first made in this cluster and has come round over bridges. */
  loopDetected(): void {
    this.loops.inc();
  }

  /** A bridge has carried something, or not. */
  carried(bridge: string, direction: 'in' | 'out', result: string): void {
    this.bridged.inc({ bridge, direction, result });
  }

  /** Whether this node holds the connection of a bridge. */
  bridgeConnected(bridge: string, connected: boolean): void {
    this.bridges.set({ bridge }, Number(connected));
  }

  private counter<Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private gauge(name: string, help: string, read: (figures: NodeFigures) => number): void {
    const figures = (): NodeFigures => this.figures();
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.registry],
      collect: () => {
        gauge.set(read(figures()));
      },
    });
  }
}
