import 'reflect-metadata';
import { catchFaults, PinoLog, stopOnSignals } from '@ringback/platform';
import { StartupError, warnOfFormerNames } from '@ringback/settings';
import { Agent } from './agent.js';
import { readConfig } from './configuration/config.js';
import { SETTINGS } from './configuration/settings.js';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = new PinoLog({ level: config.logLevel });
  warnOfFormerNames(SETTINGS, process.env, (message, fields) => log.warn(message, { ...fields }));
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
