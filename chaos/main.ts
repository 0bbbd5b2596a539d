// Disturbs a whole cluster by a seeded schedule and checks the history against the promises: npm run chaos -- --seed 1 --minutes 1
import { writeFile } from 'node:fs/promises';
import { check } from './check.js';
import { parseChaosOptions, type ChaosOptions } from './chaos-options.js';
import type { History } from './history.js';
import { describeViolations, summary } from './report.js';
import { runChaos } from './run.js';
import { planDisturbances } from './schedule.js';

async function main(): Promise<number> {
  const options = parseChaosOptions(process.argv.slice(2));
  console.log(`seed ${options.seed}, ${options.minutes} min, redis keeps ${options.redis}`);
  for (const lane of planDisturbances(options.seed, options.minutes * 60_000))
    console.log(
      lane.map(({ atMs, kind, target }) => `${(atMs / 1000).toFixed(0)}s ${kind} ${target + 1}`).join(', '),
    );
  return judge(await runChaos(options), options);
}

async function judge({ entries }: History, options: ChaosOptions): Promise<number> {
  if (options.historyFile !== undefined)
    await writeFile(options.historyFile, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  console.log(summary(entries));
  const violations = check(entries, { losesNothing: options.redis === 'always' });
  if (violations.length === 0) {
    console.log(`seed ${options.seed}: no violation`);
    return 0;
  }
  console.log(describeViolations(violations, entries));
  console.log(`seed ${options.seed}: ${violations.length} violations`);
  return 1;
}

process.exit(
  await main().catch((error: unknown) => {
    console.error(error);
    return 2;
  }),
);
