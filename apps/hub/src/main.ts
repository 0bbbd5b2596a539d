import 'reflect-metadata';
import { catchFaults, PinoLog, stopOnSignals } from '@ringback/platform';
import { StartupError, warnOfFormerNames } from '@ringback/settings';
import { readConfig, settingsOf } from './config.js';
import { HubNode } from './hub-node.js';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = new PinoLog({ level: config.logLevel, fields: { nodeId: config.node.nodeId } });
  warnOfFormerNames(settingsOf(), process.env, (message, fields) => log.warn(message, { ...fields }));
  const node = await HubNode.start(config, log);
  catchFaults(log, (error) => node.hub.failed(error));
  stopOnSignals((hasten) => node.stop(hasten), log);
}

try {
  await main();
} catch (error) {
  const text =
    error instanceof StartupError ? error.message : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
