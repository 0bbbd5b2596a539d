import { METRICS } from '../names.js';
import { waitUntil } from '../../support/wait-until.js';
import { httpExchange } from '../wire/http-exchange.js';

/** Waits until the node leads both bridges. */
export async function leads(url: string): Promise<void> {
  for (const bridge of ['ring', 'plain']) {
    await counted([url], METRICS.bridgeConnected, [`bridge="${bridge}"`]);
  }
}

/** Waits until one of the nodes has counted such an outcome for the bridge. */
export function outcomeOf(urls: readonly string[], bridge: string, outcome: string): Promise<void> {
  return counted(urls, METRICS.bridged, [`bridge="${bridge}"`, `"${outcome}"`]);
}

/** Waits until a metric with such labels is above 0 at any of the nodes. */
function counted(urls: readonly string[], name: string, labels: readonly string[]): Promise<void> {
  const isWanted = (line: string): boolean =>
    line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)) && !line.endsWith(' 0');
  return waitUntil(
    async () => (await metricLines(urls)).some(isWanted),
    `${name} with ${labels.join(' and ')}`,
  );
}

async function metricLines(urls: readonly string[]): Promise<readonly string[]> {
  const answers = await Promise.all(urls.map((url) => httpExchange(url, { path: '/metrics' })));
  return answers.flatMap(({ bytes }) => bytes.toString().split('\n'));
}
