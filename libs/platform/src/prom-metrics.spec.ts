import { beforeEach, describe, expect, it } from '@jest/globals';
import { PromMetrics } from './prom-metrics.js';

describe('PromMetrics', () => {
  let metrics: PromMetrics;

  beforeEach(() => {
    metrics = new PromMetrics();
  });

  async function scrape(): Promise<string[]> {
    return (await metrics.registry.metrics()).split('\n');
  }

  it('counts what the core reports, under the names of the glossary', async () => {
    metrics.triggered();
    metrics.relayed(15);
    metrics.delivered(3);
    metrics.delivered(2);
    metrics.failed('forbidden');
    metrics.gap(true);
    metrics.gap(false);
    metrics.recovered(true);
    metrics.swept(7);
    expect(await scrape()).toEqual(
      expect.arrayContaining([
        'hub_triggers_total 1',
        'hub_relay_envelopes_total 1',
        'hub_deliveries_total 5',
        'hub_errors_total{code="forbidden"} 1',
        'hub_gaps_total{filled="true"} 1',
        'hub_gaps_total{filled="false"} 1',
        'hub_recoveries_total{recovered="true"} 1',
        'hub_swept_subscriptions_total 7',
        'hub_relay_delay_seconds_bucket{le="0.01"} 0',
        'hub_relay_delay_seconds_bucket{le="0.02"} 1',
        'hub_relay_delay_seconds_sum 0.015',
      ]),
    );
  });

  it('shows the connections of each gateway and why they ended', async () => {
    metrics.connected('socketio');
    metrics.connected('socketio');
    metrics.connected('sse');
    metrics.disconnected('socketio', 'overrun');
    expect(await scrape()).toEqual(
      expect.arrayContaining([
        'hub_connections{gateway="socketio"} 1',
        'hub_connections{gateway="sse"} 1',
        'hub_disconnections_total{gateway="socketio",reason="overrun"} 1',
      ]),
    );
  });

  it('reads gauges at each scrape', async () => {
    let subscriptions = 4;
    metrics.readFigures(() => ({ connections: 1, subscriptions, events: 2, outboxBytes: 300 }));
    expect(await scrape()).toEqual(
      expect.arrayContaining(['hub_subscriptions 4', 'hub_followed_events 2', 'hub_outbox_bytes 300']),
    );
    subscriptions = 5;
    expect(await scrape()).toContain('hub_subscriptions 5');
  });

  it('counts no negative delay when the clocks of two machines differ', async () => {
    metrics.relayed(-50);
    expect(await scrape()).toContain('hub_relay_delay_seconds_sum 0');
  });

  it('shows the process, and nothing of another instance', async () => {
    metrics.triggered();
    expect(await new PromMetrics().registry.metrics()).toContain('hub_triggers_total 0');
    expect((await scrape()).some((line) => line.startsWith('process_resident_memory_bytes '))).toBe(true);
  });
});
