import type { Section } from '../document.js';
import { METHODS } from '../names.js';
import type { HttpRequest } from '../wire/http-exchange.js';
import type { CommandClient, Credentials, Dialect } from './command-client.js';
import { STRICT_LIMITS, TOKENS } from './hub-environments.js';
import { HttpScript } from './http-script.js';

const TRIGGER = '/v1/events/ev-strict/trigger';

/** Requests that need a token, with none, a wrong one, and one that does not open them. */
const REQUESTS: Readonly<Record<string, HttpRequest>> = {
  'trigger without a token': { method: 'POST', path: TRIGGER },
  'trigger with a wrong token': { method: 'POST', path: TRIGGER, headers: bearer('wrong') },
  'trigger with the token of a reader': { method: 'POST', path: TRIGGER, headers: bearer(TOKENS.subscribe) },
  'trigger with a token in the query': { method: 'POST', path: `${TRIGGER}?access_token=${TOKENS.trigger}` },
  'nodes with the token of a writer': { path: '/v1/nodes', headers: bearer(TOKENS.trigger) },
  'nodes without a token': { path: '/v1/nodes' },
  'health without a token': { path: '/health/ready' },
  'negotiation without a token': { method: 'POST', path: '/hub/negotiate?negotiateVersion=1' },
  'negotiation with a wrong token': {
    method: 'POST',
    path: '/RealtimeEventPushHub/negotiate?negotiateVersion=1',
    headers: bearer('wrong'),
  },
  'negotiation at an alias': {
    method: 'POST',
    path: '/events/negotiate?negotiateVersion=1',
    headers: { ...bearer(TOKENS.all), 'content-length': '0' },
  },
};

/** Clients that are refused when they connect, by what is wrong with them. */
const REFUSED: Readonly<Record<string, Credentials>> = {
  'a token that may only trigger': { token: TOKENS.trigger, subscriberId: 'worker-1' },
  'a subscriberId of somebody else': { token: TOKENS.bound, subscriberId: 'worker-2' },
  'an empty subscriberId': { token: TOKENS.all, subscriberId: '' },
  'an unknown resume': { token: TOKENS.all, subscriberId: 'worker-1', resume: 'later' as 'on-connect' },
};

/** Clients of Socket.IO are refused only once they connect to its namespace. */
export async function recordRefusedTokens(url: string, dialects: readonly Dialect[]): Promise<Section> {
  const bytes: Record<string, Section> = {};
  for (const dialect of dialects) {
    bytes[`${dialect.name} without a token`] = steps(await dialect.connect(url));
    bytes[`${dialect.name} with a wrong token`] = steps(await dialect.connect(url, { token: 'wrong' }));
  }
  return bytes;
}

/** The strict hub over HTTP. */
export async function recordUnauthorized(url: string): Promise<Section> {
  const script = new HttpScript(url);
  for (const [step, request] of Object.entries(REQUESTS)) await script.request(step, request);
  return script.steps;
}

/** The strict hub over a protocol with methods: refused connects, actions that a token does not open, and limits. */
export async function recordLimits(url: string, dialect: Dialect): Promise<Section> {
  const client = await dialect.connect(url, { token: TOKENS.all });
  const refusals: Record<string, Section> = {};
  for (const [fault, credentials] of Object.entries(REFUSED)) {
    refusals[fault] = steps(await dialect.connect(url, credentials));
  }
  await exceed(client, dialect.name);
  const reader = await dialect.connect(url, { token: TOKENS.subscribe });
  await reader.call('trigger with the token of a reader', METHODS.trigger, ['ev-strict', 'data']);
  for (const { conversation } of [client, reader]) await conversation.connection.close();
  return { refused: refusals, limits: steps(client), reader: steps(reader) };
}

async function exceed(client: CommandClient, name: string): Promise<void> {
  const { cookieBytes, dataBytes, subscriptions } = STRICT_LIMITS;
  const event = (at: number): string => `ev-${name}-strict-${at}`;
  await client.call('a cookie that is too long', METHODS.subscribe, [event(0), 'c'.repeat(cookieBytes + 1)]);
  await client.call('data that are too long', METHODS.trigger, [event(0), 'd'.repeat(dataBytes + 1)]);
  for (let at = 1; at <= subscriptions; at++) {
    await client.call(`subscription ${at}`, METHODS.subscribe, [event(at), 'row 7']);
  }
  await client.call('one subscription too many', METHODS.subscribe, [event(0), 'row 7']);
}

function steps({ conversation }: CommandClient): Section {
  return conversation.steps;
}

function bearer(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` };
}
