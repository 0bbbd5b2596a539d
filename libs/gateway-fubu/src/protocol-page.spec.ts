import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { DEFAULT_OPTIONS } from './fubu.options.js';
import { SETTINGS } from './fubu.settings.js';
import { SENT_AWAY } from './stream-request.js';
import { TopicNodes } from './testing/topic-nodes.js';
import { PARAMETER_TYPES, WRITERS } from './topic.definition.js';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

const PAGE = read('docs/protocol/fubu.md');
const EXAMPLE = 'examples/call-center/src';

const [
  SCRIPT = '',
  TOPICS = '',
  TRY = '',
  EXCHANGE = '',
  FUBU = '',
  W3C = '',
  POST = '',
  CLASS = '',
  MODULE = '',
  ERROR = '',
  ...MORE
] = [...PAGE.matchAll(/^```\w*\n([^]*?)^```$/gm)].map(([, block = '']) => block);

const HEAD_END = '\r\n\r\n';
const CALL = { id: '17', event: 'CallQueued', data: { caller: '+1 555 1000' } };

describe('the protocol page', () => {
  const topics = SETTINGS.RINGBACK_FUBU_TOPICS.parse(TOPICS);
  const sockets: Socket[] = [];
  let nodes: TopicNodes;

  beforeEach(async () => {
    nodes = await TopicNodes.start({ topics, retryMs: DEFAULT_OPTIONS.retryMs });
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await nodes.close();
  });

  /** What the hub answers to a request, byte for byte, with the words of the page for what differs each time. */
  function exchange(request: string): { readonly text: string } {
    const socket = connect(Number(new URL(nodes.server().at('')).port), '127.0.0.1');
    sockets.push(socket);
    let received = '';
    socket.on('data', (chunk) => (received += String(chunk)));
    socket.write(request);
    return {
      get text() {
        return received.replaceAll(/[0-9a-f]{12}(?=:)/g, 'Zk3x9');
      },
    };
  }

  async function showsExchange(block: string): Promise<void> {
    const parts = block.replaceAll('\n', '\r\n').split(HEAD_END);
    const answerAt = parts.findIndex((part) => part.startsWith('HTTP/1.1'));
    const request = parts.slice(0, answerAt).join(HEAD_END);
    const hasBody = request.startsWith('POST');
    const answer = exchange(hasBody ? request : request + HEAD_END);
    const [head = '', ...body] = parts.slice(answerAt);
    const text = body.join(HEAD_END).replaceAll('\r\n', '\n').trimEnd();
    await waitFor(() => answer.text.split(HEAD_END).slice(1).join(HEAD_END).trimEnd() === text, text);
    for (const line of head.split('\r\n')) expect(answer.text.split('\r\n')).toContain(line);
  }

  it('has examples that are all tried here', () => {
    expect(MORE).toEqual([]);
  });

  it('opens a stream with the URL of its first example, whose listener takes the name off the id', async () => {
    const [, path = ''] = /EventSource\('https:\/\/[^/]*\/_events\/(.*)'\)/.exec(SCRIPT) ?? [];
    const stream = nodes.stream(path);
    await nodes
      .server(1)
      .publisher.writeTo({ topic: 'calls', parameters: { Team: 'support', Line: 2 } }, CALL);
    await waitFor(() => stream.events.length === 1, 'the event');
    const [event] = stream.events;
    expect([event?.lastEventId.split('/').at(-1), JSON.parse(event?.data ?? '')]).toEqual([
      CALL.event,
      CALL.data,
    ]);
  });

  it('shows how to try them', async () => {
    const [, variable, path = ''] =
      /^(\w+)="\$\(cat topics\.json\)" [^]*?http:\/\/[^/]+\/_events\/(\S+)/.exec(TRY) ?? [];
    expect(Object.keys(SETTINGS)).toContain(variable);
    const stream = nodes.stream(path);
    await waitFor(() => stream.opened === 1, 'the stream');
  });

  it('says which topics are one event', async () => {
    const [, one = '', other = '', eventguid = ''] =
      /`\/_events\/(\S+)` and `\/_events\/(\S+)` are both `(\S+)`/.exec(PAGE) ?? [];
    const streams = [
      nodes.stream(one),
      nodes.stream(other),
      nodes.stream(other.replace('CallsTopic', 'phone')),
    ];
    await nodes.trigger(eventguid, 'x');
    await waitFor(() => streams.every(({ events }) => events.length === 1), 'the event at all');
  });

  it('shows a request and the answer', async () => {
    await nodes.server(1).publisher.writeTo({ topic: 'calls', parameters: { Team: 'support' } }, CALL);
    await showsExchange(EXCHANGE);
  });

  it('shows what is published, and how that is answered', async () => {
    await showsExchange(POST);
    const stream = nodes.stream('calls/support');
    await waitFor(() => stream.events.length === 2, 'both');
  });

  it.each([
    ['fubu', 'calls', 'calls/support', FUBU],
    ['w3c', 'order', 'order', W3C],
  ])('shows what the writer %s writes', async (_, topic, path, block) => {
    const parameters = topic === 'calls' ? { Team: 'support' } : {};
    await nodes.server(1).publisher.writeTo({ topic, parameters }, { ...CALL, retry: 1_000 });
    const answer = exchange(`GET /_events/${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    await waitFor(() => answer.text.endsWith(`\n\n${block}`), block);
  });

  it('shows classes as the example has them', () => {
    expect(read(`${EXAMPLE}/calls.topic.ts`)).toContain(CLASS);
    expect(read(`${EXAMPLE}/call-center.module.ts`)).toContain(MODULE);
  });

  it('shows what an EventSource is told that cannot be served now', async () => {
    await nodes.hub().drain();
    const response = await fetch(nodes.server().at('calls'), { headers: { Accept: 'text/event-stream' } });
    const anyRetry = (text: string) => text.replace(/^retry: \d{4}$/m, 'retry: …');
    expect(anyRetry(await response.text())).toBe(anyRetry(ERROR));
  });

  it('names every type, writer and setting', () => {
    const names = [...PARAMETER_TYPES, ...WRITERS, SENT_AWAY, ...Object.keys(SETTINGS)];
    for (const name of names) expect(PAGE).toContain(`\`${name}\``);
  });
});
