import { waitFor } from '@ringback/conformance';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { trigger } from '../support/http.js';
import { SUBSCRIBERS, type EdgeSubscriber } from './edge-subscribers.js';

/** Resolves to what has come of a way through a proxy at such an address, to nothing where it cannot be tried; rejects where it fails. */
export type EdgeWay = (url: string) => Promise<'yes' | 'by polling' | undefined>;

/** Subscribes through the proxy, triggers through it, and receives its own cookie. */
function delivered(create: (url: string) => EdgeSubscriber): EdgeWay {
  return async (url) => {
    const [eventguid, cookie] = [randomUUID(), randomUUID()];
    const subscriber = create(url);
    try {
      await subscriber.open(eventguid, cookie);
      await trigger(url, eventguid, { data: 'open' });
      await waitFor(() => subscriber.received.length > 0, 'the delivery', 5_000);
      assertEqual(subscriber.received, [[eventguid, cookie, 'open']]);
      return subscriber.hasArrived ? 'yes' : 'by polling';
    } finally {
      await subscriber.close();
    }
  };
}

const triggered: EdgeWay = async (url) => {
  const eventguid = randomUUID();
  assertEqual((await trigger(url, eventguid)).eventguid, eventguid);
  return 'yes';
};

/** A client that speaks nothing but HTTP/2, which has to be agreed on with TLS. */
const triggeredOverHttp2: EdgeWay = async (url) => {
  const { origin, pathname } = new URL(url);
  if (!origin.startsWith('https:')) return undefined;
  const session = connectHttp2(origin);
  const failed = once(session, 'error').then(([error]) => Promise.reject(error as Error));
  try {
    const eventguid = randomUUID();
    const path = `${pathname.replace(/\/$/, '')}/v1/events/${eventguid}/trigger`;
    const stream = session.request({ ':method': 'POST', ':path': path });
    stream.end();
    const [headers] = (await Promise.race([once(stream, 'response'), failed])) as [Record<string, unknown>];
    assertEqual([session.alpnProtocol, headers[':status']], ['h2', 202]);
    return 'yes';
  } finally {
    session.destroy();
  }
};

/** The page with all that it refers to. */
const shown: EdgeWay = async (url) => {
  const index = `${url}/`;
  const html = await (await fetch(index)).text();
  const references = [...html.matchAll(/ (?:src|href)="([^"#:]+)"/g)].map(([, reference = '']) => reference);
  assertEqual(references.length > 0, true);
  for (const reference of references)
    assertEqual((await fetch(new URL(reference, index))).status, 200, reference);
  return 'yes';
};

function assertEqual(actual: unknown, expected: unknown, where = ''): void {
  const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${where} ${one} instead of ${other}`);
}

/** Every row of the table in docs/edge. */
export const EDGE_WAYS: readonly (readonly [gateway: string, transport: string, way: EdgeWay])[] = [
  ...SUBSCRIBERS.map(([gateway, transport, create]) => [gateway, transport, delivered(create)] as const),
  ['HTTP', 'trigger', triggered],
  ['HTTP', 'trigger over HTTP/2', triggeredOverHttp2],
  ['page', 'all that it refers to', shown],
];
