import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const BENCH = join(import.meta.dirname, '../bench/abuse.mjs');
const QUICKLY = ['--store', 'memory', '--seconds', '1', '--quiet', '1'];

/** What the benchmark prints as its results; how it ends says whether the machine of this moment bore the attacks. */
function bench(attacks: string): Promise<string> {
  return new Promise((resolve) => {
    execFile('node', [BENCH, '--only', attacks, ...QUICKLY], (_, results) => resolve(results));
  });
}

describe('the benchmark of attacks', () => {
  it('attacks a hub, and says what others saw of it and what the attackers were answered', async () => {
    const results = await bench('invalid-socketio,churn');
    expect(results).toMatch(/^\| invalid-socketio \| memory \| [\d,.]+ \/ [\d,.]+ \|.* [\d,]+ × [a-z-]+/m);
    expect(results).toMatch(/^\| churn \| memory \|.*came and went/m);
    expect(results).toMatch(/^\d of 2 borne\.$/m);
  });
});
