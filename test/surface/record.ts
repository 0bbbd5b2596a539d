import { canonical, mapTexts, textsOf, type Section } from './document.js';
import { Placeholders } from './placeholders.js';
import { recordBytes } from './scenario/all-bytes.js';
import { withInstallation, type Installation } from './scenario/installation.js';
import { recordOpenApi } from './running/openapi.js';
import { RedisMask } from './redis/redis-mask.js';
import { storedKeys, usedChannels } from './redis/stored-keys.js';
import { recordCodes } from './static/codes.js';
import { recordMetricLabels } from './static/metric-labels.js';
import { recordLogMessages } from './static/log-messages.js';
import { recordSettings } from './static/settings.js';

/** Everything that this build says and stores, so that two recordings of one build are equal. */
export async function recordSurface(): Promise<Section> {
  const running = await withInstallation(recordRunning);
  return canonical({
    settings: recordSettings(),
    ...recordCodes(),
    metricLabels: recordMetricLabels(),
    logMessages: recordLogMessages(),
    ...running,
  });
}

async function recordRunning(installation: Installation): Promise<Section> {
  const { nodes, agent, monitor } = installation;
  const openapi = { hub: await recordOpenApi(nodes[0].url), agent: await recordOpenApi(agent.url) };
  const { bytes, metrics } = await recordBytes(installation);
  const placeholders = new Placeholders([...textsOf(bytes), ...monitor.commands.flat()]);
  const mask = new RedisMask(placeholders.mask);
  const { commands } = monitor;
  return {
    openapi,
    metrics,
    bytes: mapTexts(bytes, placeholders.mask),
    redis: { keys: storedKeys(commands, mask), channels: usedChannels(commands, mask) },
  };
}
