// Ends with 0 if the program of this container is ready, else with 1 and a sentence that says why not.
const DEFAULT_PORT = { hub: 8080, agent: 8090 };
const WITHIN_MS = 4_000;

/** Which program runs here stands in the command line of process 1. */
const { readFileSync } = await import('node:fs');
const isAgent = readFileSync('/proc/1/cmdline', 'utf8').split('\0').includes('agent');
const port = process.env['PORT'] || DEFAULT_PORT[isAgent ? 'agent' : 'hub'];

try {
  const response = await fetch(`http://localhost:${port}/health/ready`, {
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
} catch (error) {
  process.stderr.write(`not ready: ${String(error)}\n`);
  process.exitCode = 1;
}
