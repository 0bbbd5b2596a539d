// Ends with 0 if the program of this container is ready, else with 1 and a sentence that says why not.
import { readFileSync } from 'node:fs';

const DEFAULT_PORT = { hub: 8080, agent: 8090 };
const WITHIN_MS = 4_000;

try {
  const port = process.env['PORT'] || DEFAULT_PORT[program()];
  const response = await fetch(`http://localhost:${port}/health/ready`, {
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
} catch (error) {
  // What fetch throws says nothing; its cause does.
  const reason = error instanceof Error && error.cause ? error.cause : error;
  process.stderr.write(`not ready: ${String(reason)}\n`);
  process.exitCode = 1;
}

/** Which program runs here stands in the command line of process 1. */
function program() {
  return readFileSync('/proc/1/cmdline', 'utf8').split('\0').includes('agent') ? 'agent' : 'hub';
}
