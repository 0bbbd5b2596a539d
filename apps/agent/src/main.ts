import 'reflect-metadata';
import { catchFaults, PinoLog, stopOnSignals } from '@ringback/platform';
import { StartupError } from '@ringback/settings';
import { Agent } from './agent.js';
import { readConfig } from './configuration/config.js';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = new PinoLog({ level: config.logLevel });
  const agent = await Agent.start(config, log);
  catchFaults(log, (error) => log.error('rejection that nobody awaited', { error }));
  stopOnSignals((hasten) => agent.stop(hasten), log);
}

try {
  await main();
} catch (error) {
  const text =
    error instanceof StartupError ? error.message : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
