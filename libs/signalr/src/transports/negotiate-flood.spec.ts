import { randomBytes } from 'node:crypto';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from '@jest/globals';
import { signedTokens, type EndpointOptions } from './index.js';
import { Bench, until } from './testing/bench.js';
import { ManualTimers } from './testing/manual-timers.js';

const flood = 20_000;
const batch = 1_000;
/** Measured: about 280 with tokens of a cluster, which are the longest. */
const mostBytesEach = 512;
/** What the test runner leaves behind meanwhile; measured: about 60. */
const leftBytesEach = 128;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let bench: Bench;
let timers: ManualTimers;
afterEach(async () => bench.stop());

async function start(options: Partial<EndpointOptions> = {}): Promise<void> {
  timers = new ManualTimers();
  const key = randomBytes(32);
  const tokens = signedTokens({ nodeId: 'node-1', key: () => key, claim: async () => true });
  bench = await Bench.start({ timers, tokens, ...options });
  await negotiate(batch); // what grows with the first requests is not what is looked for
  timers.advance(16_000);
}

/** All over one link, many at a time, as somebody does who means harm. */
async function negotiate(count: number): Promise<void> {
  const request = 'POST /hub/negotiate?negotiateVersion=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
  const link = await bench.raw('');
  for (let sent = 0; sent < count; sent += batch) {
    link.text = '';
    link.socket.write(request.repeat(batch));
    await until(() => link.text.split('"LongPolling"').length > batch, 30_000);
  }
  link.socket.destroy();
  await until(() => link.ended);
}

function heapBytes(): number {
  for (let round = 0; round < 3; round++) collectGarbage();
  return getHeapStatistics().used_heap_size;
}

describe('a flood of 20,000 negotiations that are never opened', () => {
  it('takes little memory, and has given it back after 15 seconds', async () => {
    await start();
    const before = heapBytes();
    await negotiate(flood);
    expect(bench.endpoint.negotiatedCount).toBe(flood);
    expect(heapBytes() - before).toBeLessThan(flood * mostBytesEach);
    timers.advance(15_000 + 1_000);
    expect(bench.endpoint.negotiatedCount).toBe(0);
    expect(heapBytes() - before).toBeLessThan(flood * leftBytesEach);
  }, 60_000);

  it('is bounded in number, and costs a client nothing who means well', async () => {
    await start({ maxNegotiated: 2_000 });
    await negotiate(flood);
    expect(bench.endpoint.negotiatedCount).toBe(2_000);
    expect((await bench.ask('GET', `/hub?id=${await bench.token()}`)).status).toBe(200);
    const early = await bench.token();
    await negotiate(3_000);
    // Its record is gone, but its token still says all there is to know.
    await bench.open(`/hub?id=${early}`);
  }, 60_000);
});
