// Writes Grafana's dashboards, as they are provisioned: npm run dashboards. A test checks that they are as this writes them.
import { DashboardBuilder, QueryVariableBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../deploy/observability/dashboards');
const DATASOURCE = { type: 'prometheus', uid: 'prometheus' };
const NODES = 'instance=~"$instance"';
const [WIDTH, HEIGHT] = [12, 8];

/**
 * @typedef {object} Panel
 * @property {string} title
 * @property {string} unit as Grafana calls it
 * @property {Readonly<Record<string, string>>} queries by their legends
 */

/** @param {string} counter @param {string} [labels] */
const rateOf = (counter, labels = '') =>
  `rate(${counter}{${NODES}${labels && `, ${labels}`}}[$__rate_interval])`;
/** @param {string} by @param {string} counter @param {string} [labels] */
const sumRate = (by, counter, labels) => `sum by (${by}) (${rateOf(counter, labels)})`;
/** @param {number} share */
const delayAt = (share) =>
  `histogram_quantile(${share}, sum by (instance, le) (${rateOf('ringback_relay_delay_seconds_bucket')}))`;
/** @param {string} gauge */
const of = (gauge) => `${gauge}{${NODES}}`;

/** By the names of their files. @type {Readonly<Record<string, { title: string, panels: readonly Panel[] }>>} */
const DASHBOARDS = {
  overview: {
    title: 'Ringback: overview',
    panels: [
      {
        title: 'Nodes that hear what is published',
        unit: 'short',
        queries: { '{{instance}}': of('ringback_relay_healthy') },
      },
      {
        title: 'Connections',
        unit: 'short',
        queries: { '{{instance}} {{gateway}}': of('ringback_connections') },
      },
      { title: 'Subscriptions', unit: 'short', queries: { '{{instance}}': of('ringback_subscriptions') } },
      {
        title: 'Triggers accepted',
        unit: 'ops',
        queries: { '{{instance}}': sumRate('instance', 'ringback_triggers_total') },
      },
      {
        title: 'Deliveries',
        unit: 'ops',
        queries: { '{{instance}}': sumRate('instance', 'ringback_deliveries_total') },
      },
      {
        title: 'Errors answered',
        unit: 'ops',
        queries: { '{{code}}': sumRate('code', 'ringback_errors_total') },
      },
      {
        title: 'Connections that ended',
        unit: 'ops',
        queries: { '{{reason}}': sumRate('reason', 'ringback_disconnections_total') },
      },
      {
        title: 'Clients of other nodes',
        unit: 'short',
        queries: { '{{instance}}': of('ringback_forwarded_links') },
      },
      {
        title: 'CPU',
        unit: 'percentunit',
        queries: { '{{instance}}': sumRate('instance', 'process_cpu_seconds_total') },
      },
      {
        title: 'Memory',
        unit: 'bytes',
        queries: {
          '{{instance}} resident': of('process_resident_memory_bytes'),
          '{{instance}} heap': of('nodejs_heap_size_used_bytes'),
        },
      },
    ],
  },
  fanout: {
    title: 'Ringback: fan-out and latency',
    panels: [
      {
        title: 'From a trigger to its arrival',
        unit: 's',
        queries: { '{{instance}} p50': delayAt(0.5), '{{instance}} p99': delayAt(0.99) },
      },
      {
        title: 'Envelopes that the relay brings',
        unit: 'ops',
        queries: { '{{instance}}': sumRate('instance', 'ringback_relay_envelopes_total') },
      },
      {
        title: 'Deliveries for each trigger',
        unit: 'short',
        queries: {
          'all nodes': `sum(${rateOf('ringback_deliveries_total')}) / sum(${rateOf('ringback_triggers_total')})`,
        },
      },
      {
        title: 'What waits for clients',
        unit: 'bytes',
        queries: {
          '{{instance}}': of('ringback_outbox_bytes'),
          '{{instance}} most': of('ringback_outbox_budget_bytes'),
        },
      },
      {
        title: 'Event loop, p99',
        unit: 's',
        queries: { '{{instance}}': of('nodejs_eventloop_lag_p99_seconds') },
      },
      {
        title: 'Events followed',
        unit: 'short',
        queries: { '{{instance}}': of('ringback_followed_events') },
      },
    ],
  },
  redis: {
    title: 'Ringback: Redis',
    panels: [
      { title: 'Relay healthy', unit: 'short', queries: { '{{instance}}': of('ringback_relay_healthy') } },
      {
        title: 'Refused, or out of reach',
        unit: 'ops',
        queries: {
          '{{code}}': sumRate(
            'code',
            'ringback_errors_total',
            'code=~"relay-unavailable|cluster-refuses-writes"',
          ),
        },
      },
      {
        title: 'Gaps',
        unit: 'ops',
        queries: { 'filled: {{filled}}': sumRate('filled', 'ringback_gaps_total') },
      },
      {
        title: 'Entries that nobody can read',
        unit: 'ops',
        queries: { '{{instance}}': sumRate('instance', 'ringback_unreadable_entries_total') },
      },
      {
        title: 'Subscriptions of dead nodes removed',
        unit: 'ops',
        queries: { '{{instance}}': sumRate('instance', 'ringback_expired_subscriptions_total') },
      },
      {
        title: 'Kept without Redis',
        unit: 'bytes',
        queries: { '{{instance}}': of('ringback_memory_bytes') },
      },
    ],
  },
  durable: {
    title: 'Ringback: those who come back',
    panels: [
      {
        title: 'Came back',
        unit: 'ops',
        queries: { 'recovered: {{recovered}}': sumRate('recovered', 'ringback_recoveries_total') },
      },
      {
        title: 'Connections taken over',
        unit: 'ops',
        queries: {
          '{{gateway}}': sumRate('gateway', 'ringback_disconnections_total', 'reason="session-taken-over"'),
        },
      },
      {
        title: 'Gaps that the history had dropped',
        unit: 'ops',
        queries: { '{{instance}}': sumRate('instance', 'ringback_gaps_total', 'filled="false"') },
      },
      {
        title: 'Closed: too slow',
        unit: 'ops',
        queries: {
          '{{gateway}}': sumRate('gateway', 'ringback_disconnections_total', 'reason="slow-consumer"'),
        },
      },
    ],
  },
  bridges: {
    title: 'Ringback: bridges',
    panels: [
      {
        title: 'Connected',
        unit: 'short',
        queries: { '{{bridge}}': `max by (bridge) (${of('ringback_bridge_connected')})` },
      },
      {
        title: 'Loops cut',
        unit: 'ops',
        queries: { 'all nodes': `sum(${rateOf('ringback_bridge_loops_total')})` },
      },
      {
        title: 'In',
        unit: 'ops',
        queries: {
          '{{bridge}} {{result}}': sumRate(
            'bridge, result',
            'ringback_bridge_messages_total',
            'direction="in"',
          ),
        },
      },
      {
        title: 'Out',
        unit: 'ops',
        queries: {
          '{{bridge}} {{result}}': sumRate(
            'bridge, result',
            'ringback_bridge_messages_total',
            'direction="out"',
          ),
        },
      },
    ],
  },
  abuse: {
    title: 'Ringback: clients that send too much',
    panels: [
      {
        title: 'Not read from',
        unit: 'short',
        queries: { '{{gateway}} {{cause}}': `sum by (gateway, cause) (${of('ringback_inbound_paused')})` },
      },
      {
        title: 'Pauses',
        unit: 'ops',
        queries: { '{{gateway}} {{cause}}': sumRate('gateway, cause', 'ringback_inbound_pauses_total') },
      },
      {
        title: 'Time paused',
        unit: 'percentunit',
        queries: {
          '{{gateway}} {{cause}}': sumRate('gateway, cause', 'ringback_inbound_paused_seconds_total'),
        },
      },
      {
        title: 'Closed for what they sent',
        unit: 'ops',
        queries: { '{{gateway}} {{reason}}': sumRate('gateway, reason', 'ringback_inbound_closes_total') },
      },
      {
        title: 'Not admitted yet',
        unit: 'short',
        queries: {
          '{{instance}} served': of('ringback_pending_connections'),
          '{{instance}} waiting': of('ringback_waiting_connections'),
        },
      },
      {
        title: 'Closed to keep the budget',
        unit: 'ops',
        queries: { '{{instance}}': sumRate('instance', 'ringback_outbox_evictions_total') },
      },
      {
        title: 'Refused',
        unit: 'ops',
        queries: {
          '{{code}}': sumRate('code', 'ringback_errors_total', 'code=~"unauthorized|forbidden|bad-request"'),
        },
      },
      {
        title: 'Event loop, p99',
        unit: 's',
        queries: { '{{instance}}': of('nodejs_eventloop_lag_p99_seconds') },
      },
    ],
  },
};

/** @param {Panel} panel @param {number} index */
function panelOf({ title, unit, queries }, index) {
  const position = { x: (index % 2) * WIDTH, y: Math.floor(index / 2) * HEIGHT, w: WIDTH, h: HEIGHT };
  const panel = new PanelBuilder().title(title).unit(unit).datasource(DATASOURCE).gridPos(position).min(0);
  for (const [legend, expr] of Object.entries(queries))
    panel.withTarget(new DataqueryBuilder().expr(expr).legendFormat(legend).refId(legend));
  return panel;
}

/** Chooses the nodes that are shown. */
const instances = () =>
  new QueryVariableBuilder('instance')
    .label('Nodes')
    .datasource(DATASOURCE)
    .query('label_values(ringback_relay_healthy, instance)')
    .refresh(2) // whenever the time range changes
    .multi(true)
    .includeAll(true)
    .allValue('.*');

/** The text of each file, by its name. @returns {ReadonlyMap<string, string>} */
export function dashboards() {
  const files = Object.entries(DASHBOARDS).map(([name, { title, panels }]) => {
    // oxlint-disable-next-line typescript/no-deprecated -- files that are provisioned have this schema; the newer one is for Grafana's API server
    const dashboard = new DashboardBuilder(title)
      .uid(`ringback-${name}`)
      .tags(['ringback'])
      .refresh('10s')
      .timezone('browser');
    dashboard.time({ from: 'now-1h', to: 'now' }).withVariable(instances());
    for (const [index, panel] of panels.entries()) dashboard.withPanel(panelOf(panel, index));
    return /** @type {const} */ ([`${name}.json`, `${JSON.stringify(dashboard.build(), undefined, 2)}\n`]);
  });
  return new Map(files);
}

if (process.argv[1] === import.meta.filename) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of dashboards()) writeFileSync(join(FOLDER, name), text);
}
