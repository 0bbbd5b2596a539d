import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { start } from '../../scripts/processes.mjs';
import { root } from '../../scripts/set-up.mjs';
import { NPX_ENV } from './installed-package.js';
import { waitUntil } from './wait-until.js';

const run = promisify(execFile);
const BLOCK = /(?:Save as `([^`]+)`:\s*)?```(js|sh|text)\n(.*?)```/gs;
/** What a test has brought about already: the packages are installed, Redis runs. */
const DONE = /^(npm install|redis-server) /;

type Process = Awaited<ReturnType<typeof start>>;

/** A page of docs/replace, followed step by step in a folder where its packages are installed. */
export class ReplacePage {
  private readonly started: Process[] = [];
  private exports = '';
  private printed = '';

  /** `places` has a port of the test for each of the page. */
  constructor(
    private readonly name: string,
    private readonly folder: string,
    private readonly places: Readonly<Record<string, string>>,
  ) {}

  /** Does all that the page says. `meanwhile` is told what the page expects to see, and brings about what the reader has to. */
  async follow(meanwhile: (expected: string) => Promise<void> = async () => {}): Promise<void> {
    const page = await readFile(join(root, 'docs/replace', this.name), 'utf8');
    for (const [, file, language, text = ''] of this.localized(page).matchAll(BLOCK))
      if (language === 'js') await writeFile(join(this.folder, file ?? ''), text);
      else if (language === 'sh') for (const line of text.trim().split('\n')) await this.do(line);
      else await this.expect(text.trim(), meanwhile);
  }

  async stop(): Promise<void> {
    for (const one of this.started.toReversed()) await one.stop();
  }

  private localized(page: string): string {
    const known = new RegExp(Object.keys(this.places).join('|'), 'g');
    return page.replaceAll(known, (place) => this.places[place] ?? place);
  }

  private async do(line: string): Promise<void> {
    if (DONE.test(line)) return;
    if (line.startsWith('export ')) this.exports += `${line}\n`;
    else if (line.endsWith(' &')) await this.background(line.slice(0, -2));
    else this.printed += (await run('sh', ['-c', this.exports + line], { cwd: this.folder })).stdout;
  }

  /** Whoever has a port answers there before the next step. */
  private async background(line: string): Promise<void> {
    const [, port] = /PORT=(\d+)/.exec(line) ?? [];
    const ready = async () => port === undefined || (await fetch(`http://127.0.0.1:${port}/`)).status > 0;
    const env = { ...process.env, ...NPX_ENV };
    const script = `cd '${this.folder}'\n${this.exports}exec env ${line}`;
    this.started.push(await start({ name: line, command: 'sh', args: ['-c', script], env, ready }));
  }

  private async expect(text: string, meanwhile: (expected: string) => Promise<void>): Promise<void> {
    await meanwhile(text);
    const all = () => this.printed + this.started.map((one) => one.output()).join('');
    await waitUntil(async () => all().includes(text), `'${text}', as ${this.name} says`);
  }
}
