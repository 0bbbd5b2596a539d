import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { StockStream, waitFor } from '@ringback/conformance';
import { RingbackNode } from '@ringback/nest';
import { createCallCenter } from './create-call-center.js';
import { Calls } from './page/calls.mjs';

const SECOND_MS = 1_000;

/** What a browser does with the page, without its looks. */
class Dashboard {
  readonly calls = new Calls();
  readonly stream: StockStream;

  constructor(url: string, team: string) {
    this.stream = new StockStream(`${url}/_events/CallsTopic/${encodeURIComponent(team)}`);
    this.stream.source.addEventListener('message', ({ data, lastEventId }) => {
      this.calls.handle({ data: String(data), lastEventId });
    });
  }
}

describe('the dashboard of a call center', () => {
  let app: NestFastifyApplication;
  let url: string;
  const dashboards: Dashboard[] = [];

  beforeEach(async () => {
    app = await createCallCenter();
    await app.listen(0, '127.0.0.1');
    await app.get(RingbackNode).ready();
    url = (await app.getUrl()).replace(/\/$/, '');
  });

  afterEach(async () => {
    await app.close(); // sends them away
    for (const { stream } of dashboards.splice(0)) stream.close();
  });

  async function open(team: string): Promise<Dashboard> {
    const dashboard = new Dashboard(url, team);
    dashboards.push(dashboard);
    await waitFor(() => dashboard.calls.agents.length > 0, 'the roster');
    return dashboard;
  }

  async function post(path: string, body: object = {}): Promise<{ readonly call?: string }> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/teams/${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    expect(response.ok).toBe(true);
    return response.status === 201 ? ((await response.json()) as { readonly call: string }) : {};
  }

  it('shows within a second what happens, on every screen of the team and on no other', async () => {
    const [one, other, sales] = [await open('support'), await open('support'), await open('sales')];
    const startedAt = performance.now();
    const { call } = await post('support/calls', { caller: '+1 555 1000' });
    await waitFor(() => [one, other].every(({ calls }) => calls.waiting.length === 1), 'the call');
    expect(performance.now() - startedAt).toBeLessThan(SECOND_MS);
    expect(one.calls.waiting).toMatchObject([{ call, caller: '+1 555 1000' }]);
    await post(`support/calls/${call}/answer`, { agent: 'Ada' });
    await waitFor(() => one.calls.talking.length === 1, 'the answer');
    expect(one.calls.freeAgents).toEqual(['Grace', 'Linus']);
    await post(`support/calls/${call}/end`);
    await waitFor(() => one.calls.ended === 1 && other.calls.ended === 1, 'the end');
    expect([one.calls.open.size, sales.calls.open.size, sales.calls.ended]).toEqual([0, 0, 0]);
  });

  it('shows who opens it late what is still going on', async () => {
    await post('support/calls', { caller: 'first' });
    const { call } = await post('support/calls', { caller: 'second' });
    await post(`support/calls/${call}/end`);
    const late = await open('support');
    await waitFor(() => late.calls.ended === 1, 'all that is kept');
    expect(late.calls.waiting).toMatchObject([{ caller: 'first' }]);
  });

  it('shows each call once, though all that is kept comes again', async () => {
    const dashboard = await open('support');
    const { call } = await post('support/calls', { caller: 'first' });
    await post(`support/calls/${call}/end`);
    await waitFor(() => dashboard.calls.ended === 1, 'the end');
    for (const message of dashboard.stream.of('message')) dashboard.calls.handle(message);
    expect([dashboard.calls.ended, dashboard.calls.open.size]).toEqual([1, 0]);
  });

  it('serves the page and its script', async () => {
    const page = await fetch(url);
    const html = await page.text();
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(html).toContain("import { Calls } from './calls.mjs';");
    expect(html).toContain('width=device-width');
    expect(html).toContain('color-scheme: light dark');
    const script = await fetch(`${url}/calls.mjs`);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(await script.text()).toContain('export class Calls');
  });
});
