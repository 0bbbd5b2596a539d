import 'reflect-metadata';
import { PinoLog } from '@ringback/platform';
import { readConfig } from './config.js';
import { catchFaults } from './faults.js';
import { HubNode } from './hub-node.js';
import { stopOnSignals } from './shutdown.js';
import { StartError } from './start-error.js';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = new PinoLog({ level: config.logLevel, fields: { nodeId: config.nodeId } });
  const node = await HubNode.start(config, log);
  catchFaults(log, (error) => node.hub.failed(error));
  stopOnSignals((hasten) => node.stop(hasten), log);
}

try {
  await main();
} catch (error) {
  const text =
    error instanceof StartError ? error.message : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
