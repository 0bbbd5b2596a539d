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
        'ringback_triggers_total 1',
        'ringback_relay_envelopes_total 1',
        'ringback_deliveries_total 5',
        'ringback_errors_total{code="forbidden"} 1',
        'ringback_gaps_total{filled="true"} 1',
        'ringback_gaps_total{filled="false"} 1',
        'ringback_recoveries_total{recovered="true"} 1',
        'ringback_expired_subscriptions_total 7',
        'ringback_relay_delay_seconds_bucket{le="0.01"} 0',
        'ringback_relay_delay_seconds_bucket{le="0.02"} 1',
        'ringback_relay_delay_seconds_sum 0.015',
      ]),
    );
  });

  it('shows the connections of each gateway and why they ended', async () => {
    metrics.connected('socketio');
    metrics.connected('socketio');
    metrics.connected('sse');
    metrics.disconnected('socketio', 'slow-consumer');
    expect(await scrape()).toEqual(
      expect.arrayContaining([
        'ringback_connections{gateway="socketio"} 1',
        'ringback_connections{gateway="sse"} 1',
        'ringback_disconnections_total{gateway="socketio",reason="slow-consumer"} 1',
      ]),
    );
  });

  it('reads gauges at each scrape', async () => {
    let subscriptions = 4;
    metrics.readFigures(() => ({ connections: 1, subscriptions, events: 2, outboxBytes: 300 }));
    expect(await scrape()).toEqual(
      expect.arrayContaining([
        'ringback_subscriptions 4',
        'ringback_followed_events 2',
        'ringback_outbox_bytes 300',
      ]),
    );
    subscriptions = 5;
    expect(await scrape()).toContain('ringback_subscriptions 5');
  });

  it('reads at each scrape what waits for admission, and what it forwards', async () => {
    metrics.readPending(() => ({ served: 3, waiting: 1 }));
    metrics.readForwardedLinks(() => 5);
    expect(await scrape()).toEqual(
      expect.arrayContaining([
        'ringback_pending_connections 3',
        'ringback_waiting_connections 1',
        'ringback_forwarded_links 5',
      ]),
    );
  });

  it('counts no negative delay when the clocks of two machines differ', async () => {
    metrics.relayed(-50);
    expect(await scrape()).toContain('ringback_relay_delay_seconds_sum 0');
  });

  it('shows the process, and nothing of another instance', async () => {
    metrics.triggered();
    expect(await new PromMetrics().registry.metrics()).toContain('ringback_triggers_total 0');
    expect((await scrape()).some((line) => line.startsWith('process_resident_memory_bytes '))).toBe(true);
  });
});
