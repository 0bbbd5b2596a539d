import { waitUntil } from '../../support/wait-until.js';
import type { Section } from '../document.js';
import { httpExchange } from '../wire/http-exchange.js';

/** What the text format of Prometheus says of one metric. */
interface Metric {
  readonly type: string;
  /** The values of each label. */
  readonly labels: Record<string, string[]>;
}

/** What prom-client counts of every process. */
export const COMMON_METRIC = /^(nodejs|process)_/;
const SAMPLE = /^([a-zA-Z_:][\w:]*)\{(.*)\} /;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;
/** A histogram has samples under several names. */
const SUFFIX = /_(bucket|sum|count)$/;
/** The bounds of a histogram are numbers. */
const BOUND = 'le';

/** Names, types, labels and the values of labels of our own metrics, as processes of one app have them together. */
export async function recordMetrics(urls: readonly string[]): Promise<Section> {
  const texts = await Promise.all(urls.map(freshMetrics));
  const lines = texts.flatMap((text) => text.split('\n'));
  const metrics = new Map<string, Metric>();
  for (const line of lines) addType(metrics, line);
  for (const line of lines) addLabels(metrics, line);
  return Object.fromEntries([...metrics].map(([name, metric]) => [name, { ...metric }]));
}

/** A process makes its metrics once a second at most: those that it makes after this was called. */
async function freshMetrics(url: string): Promise<string> {
  const read = async (): Promise<string> => (await httpExchange(url, { path: '/metrics' })).bytes.toString();
  const earlier = await read();
  let text = earlier;
  await waitUntil(async () => {
    text = await read();
    return text !== earlier;
  }, 'metrics that are made anew');
  return text;
}

function addType(metrics: Map<string, Metric>, line: string): void {
  const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)/.exec(line) ?? [];
  if (name !== '' && !COMMON_METRIC.test(name) && !metrics.has(name)) metrics.set(name, { type, labels: {} });
}

function addLabels(metrics: Map<string, Metric>, line: string): void {
  const [, name = '', pairs = ''] = SAMPLE.exec(line) ?? [];
  const labels = (metrics.get(name) ?? metrics.get(name.replace(SUFFIX, '')))?.labels;
  if (!labels) return;
  for (const [, label = '', value = ''] of pairs.matchAll(LABEL)) {
    if (label !== BOUND) labels[label] = [...new Set([...(labels[label] ?? []), value])];
  }
}
