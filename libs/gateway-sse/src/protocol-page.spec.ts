import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { STREAM_EVENTS } from '@ringback/gateway-kit';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { startHttpHub } from '../../../test/support/http-hub.js';
import { DEFAULT_OPTIONS } from './sse.options.js';
import { MAX_LISTED_EVENTS } from './stream-id.js';
import { PreparingModule } from './testing/preparing.module.js';
import { TwoNodes } from './testing/two-nodes.js';

const PAGE = readFileSync(new URL('../../../docs/protocol/sse.md', import.meta.url), 'utf8');

const [
  SCRIPT = '',
  EXCHANGE = '',
  PREPARING = '',
  PLAIN = '',
  ENVELOPE = '',
  ENDED = '',
  RESET = '',
  PRESENCE = '',
  ERROR = '',
  ...MORE
] = [...PAGE.matchAll(/^```\w*\n([^]*?)^```$/gm)].map(([, block = '']) => block);

const EVENT = '3f2a5c1e-order';
const COOKIE = 'row 17';
/** Triggers that the event of the page has had before its first example. */
const EARLIER = 41;

const HEAD_END = '\r\n\r\n';

describe('the protocol page', () => {
  let nodes: TwoNodes;
  let epoch = '';
  const sockets: Socket[] = [];

  beforeEach(async () => {
    nodes = await TwoNodes.start({ retryMs: DEFAULT_OPTIONS.retryMs });
    for (let count = 0; count < EARLIER; count++) ({ epoch } = await nodes.trigger(EVENT, ''));
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await nodes.close();
  });

  /** What the hub answers to a request, byte for byte, with the words of the page for what differs each time. */
  function exchange(request: string): { readonly text: string } {
    const socket = connect(Number(new URL(nodes.server().url).port), '127.0.0.1');
    sockets.push(socket);
    let received = '';
    socket.on('data', (chunk) => (received += String(chunk)));
    socket.write(request);
    return {
      get text() {
        const times = /"time":\d+/g;
        return received.replaceAll(epoch, 'Zk3x9').replaceAll(times, '"time":1767225600000');
      },
    };
  }

  /** A stream of the event of the page, once its headers and its first lines are there. */
  async function open(more = ''): Promise<{ readonly text: string }> {
    const query = `event=${EVENT}&cookie=${encodeURIComponent(COOKIE)}${more}`;
    const answer = exchange(
      `GET /v1/stream?${query} HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n`,
    );
    await waitFor(() => /^id: /m.test(answer.text), 'the stream');
    return answer;
  }

  async function contains(answer: { readonly text: string }, block: string): Promise<void> {
    await waitFor(() => answer.text.includes(block), block);
  }

  it('has examples that are all tried here', () => {
    expect(MORE).toEqual([]);
  });

  it('opens a stream with the URL of its first example', async () => {
    const [, path = ''] = /EventSource\('https:\/\/[^/]*(.*)'\)/.exec(SCRIPT) ?? [];
    const stream = nodes.open(nodes.server().url + path);
    await waitFor(() => stream.opened === 1, 'the stream');
  });

  it('shows the request and the answer', async () => {
    const [request = '', head = '', body] = EXCHANGE.replaceAll('\n', '\r\n').split(HEAD_END);
    const answer = exchange(request + HEAD_END);
    const firstLines = `${body?.replaceAll('\r\n', '\n')}\n\n`;
    await waitFor(() => answer.text.endsWith(HEAD_END + firstLines), firstLines);
    for (const line of head.split('\r\n')) expect(answer.text.split('\r\n')).toContain(line);
  });

  it('shows how a stream is prepared', async () => {
    const [head = '', body = '', answerHead = '', answerBody = ''] = PREPARING.split(/\n\n|\n$/);
    const { call, close } = await startHttpHub({ modules: [PreparingModule] });
    const [, method = '', path = '', type = ''] = /^(\w+) (\S+) .*\nContent-Type: (.*)$/s.exec(head) ?? [];
    const answer = await call(method, path, { headers: { 'Content-Type': type }, body });
    await close();
    expect(answerHead).toContain(` ${answer.status} `);
    expect(answerHead).toContain(`Content-Type: ${answer.headers.get('content-type')}`);
    const anyId = (text: string) => text.replace(/[\w-]{22}/, '…');
    expect(anyId(JSON.stringify(answer.body))).toBe(anyId(answerBody));
  });

  it('shows deliveries as they come', async () => {
    const plain = await open();
    const whole = await open('&format=envelope');
    await nodes.trigger(EVENT, 'paid', { type: 'order.paid' });
    await contains(plain, PLAIN);
    await contains(whole, ENVELOPE);
  });

  it('shows the last delivery', async () => {
    const whole = await open('&format=envelope');
    await nodes.trigger(EVENT, 'paid', { removeAfterSend: true });
    await contains(whole, ENDED);
  });

  it('shows what is said of what is lost', async () => {
    const answer = await open('&lastEventId=1.gone.7');
    expect(answer.text).toContain('\r\nRingback-Recovered: false\r\n');
    await contains(answer, RESET);
  });

  it('shows who is there', async () => {
    await open('&presence=true');
    const answer = await open('&presence=true');
    const anonymous = (text: string) => text.replaceAll(/c:[\w-]+/g, 'c:…');
    await waitFor(() => anonymous(answer.text).includes(anonymous(PRESENCE)), PRESENCE);
  });

  it('shows what an EventSource is told that cannot be served now', async () => {
    await nodes.hub().drain();
    const response = await fetch(nodes.server().stream([[EVENT]]), {
      headers: { Accept: 'text/event-stream' },
    });
    const anyRetry = (text: string) => text.replace(/^retry: \d{4}$/m, 'retry: …');
    expect(anyRetry(await response.text())).toBe(anyRetry(ERROR));
  });

  it('names every event of the stream, and how many events one may have', () => {
    for (const name of Object.values(STREAM_EVENTS)) expect(PAGE).toContain(`| \`${name}\` |`);
    expect(PAGE).toContain(`a stream of up to ${MAX_LISTED_EVENTS}:`);
  });
});
