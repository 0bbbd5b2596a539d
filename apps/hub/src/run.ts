import 'reflect-metadata';
import type { StopSignals } from '@ringback/async';
import { ACCESS_LINES } from '@ringback/http-kit';
import { openTracing } from '@ringback/opentelemetry';
import { catchFaults, PinoLog, readVersion, runUntilStopped } from '@ringback/platform';
import { StartupError, warnOfFormerNames } from '@ringback/settings';
import { readConfig, settingsOf } from './config.js';
import { HubNode } from './hub-node.js';

/** Runs a hub as the environment says, until a signal. What keeps it from starting is written to the standard error, and ends the process with 1. */
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
  const { nodeId } = config.node;
  const log = new PinoLog({ level: config.logLevel, fields: { nodeId }, unbounded: ACCESS_LINES });
  warnOfFormerNames(settingsOf(), process.env, (message, fields) => log.warn(message, { ...fields }));
  const startNode = async (): Promise<HubNode> => {
    const tracing = await openTracing(process.env, { nodeId, version: readVersion() }, log);
    const node = await HubNode.start(config, log, tracing);
    catchFaults(log, (error) => node.hub.failed(error));
    return node;
  };
  await runUntilStopped(startNode, signals, log);
}
