import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from '../../scripts/processes.mjs';
import { DevTools, type DevToolsSession } from './devtools.js';

/** A sandbox cannot be made by root; certificates of tests are signed by nobody. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--ignore-certificate-errors',
  '--remote-debugging-port=0',
];

/** Debian's Chromium without a window and with a profile of its own. */
export class Chromium {
  private constructor(
    private readonly running: Awaited<ReturnType<typeof start>>,
    private readonly tools: DevTools,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Chromium> {
    const folder = mkdtempSync(join(tmpdir(), 'ringback-chromium-'));
    const place = join(folder, 'DevToolsActivePort');
    const running = await start({
      name: 'chromium',
      command: 'chromium',
      args: [...FLAGS, `--user-data-dir=${folder}`, 'about:blank'],
      ready: () => Promise.resolve(readFileSync(place, 'utf8').includes('/devtools/')),
    });
    const [port = '', path = ''] = readFileSync(place, 'utf8').split('\n');
    return new Chromium(running, await DevTools.connect(`ws://127.0.0.1:${port}${path}`), folder);
  }

  /** A tab that has loaded the page. */
  async open(url: string): Promise<BrowserPage> {
    const session = await this.tools.openTab();
    const loaded = session.next('Page.loadEventFired');
    await session.call('Page.enable');
    await session.call('Network.enable');
    await session.call('Page.navigate', { url });
    await loaded;
    return new BrowserPage(session);
  }

  async close(): Promise<void> {
    this.tools.close();
    await this.running.stop('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** A tab of the browser. */
export class BrowserPage {
  /** Of each answer that it got, the protocol as browsers call it: `http/1.1`, `h2`. */
  readonly protocols: string[] = [];

  constructor(private readonly session: DevToolsSession) {
    session.on('Network.responseReceived', ({ response }) => {
      this.protocols.push(String((response as { readonly protocol?: string }).protocol));
    });
  }

  /** What the expression comes to in the page, promises awaited; rejects with what it throws. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const { result, exceptionDetails } = await this.session.call('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { readonly value: Value }).value;
  }

  /** Whether nothing that the page asks for from now on reaches anybody. */
  async setOffline(offline: boolean): Promise<void> {
    const conditions = { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await this.session.call('Network.emulateNetworkConditions', conditions);
  }

  async close(): Promise<void> {
    await this.session.call('Page.close');
  }
}
