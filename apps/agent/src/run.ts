import 'reflect-metadata';
import type { StopSignals } from '@ringback/async';
import { catchFaults, PinoLog, runUntilStopped } from '@ringback/platform';
import { StartupError, warnOfFormerNames } from '@ringback/settings';
import { Agent } from './agent.js';
import { readConfig } from './configuration/config.js';
import { SETTINGS } from './configuration/settings.js';

/** Runs an agent as the environment says, until a signal. What keeps it from starting is written to the standard error, and ends the process with 1. */
export async function run(signals: StopSignals): Promise<void> {
  try {
    await start(signals);
  } catch (error) {
    const text =
      error instanceof StartupError ? error.message : String(error instanceof Error ? error.stack : error);
    process.stderr.write(`${text}\n`);
    process.exit(1);
  }
}

async function start(signals: StopSignals): Promise<void> {
  const config = readConfig(process.env);
  const log = new PinoLog({ level: config.logLevel });
  warnOfFormerNames(SETTINGS, process.env, (message, fields) => log.warn(message, { ...fields }));
  const startAgent = async (): Promise<Agent> => {
    const agent = await Agent.start(config, log);
    catchFaults(log, (error) => log.error('rejection that nobody awaited', { error }));
    return agent;
  };
  await runUntilStopped(startAgent, signals, log);
}
