import type { Section } from '../document.js';
import type { HttpRequest } from '../wire/http-exchange.js';
import { APP_ORIGIN } from './hub-environments.js';
import { HttpScript } from './http-script.js';
import { REFUSED_TRIGGERS, TRIGGERS } from './http-triggers.js';

const LISTED = { origin: APP_ORIGIN };
const PREFLIGHT = { ...LISTED, 'access-control-request-method': 'POST' };
const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};
const POLLING = '/socket.io/?EIO=4&transport=polling';
const SOCKET = '/socket.io/?EIO=4&transport=websocket';

/** Paths beside triggers: pages, health, errors, and what the gateways answer to requests that are none of theirs. */
const OTHERS: Readonly<Record<string, HttpRequest>> = {
  page: { path: '/' },
  documentation: { path: '/docs' },
  'page of errors': { path: '/docs/errors' },
  metrics: { path: '/metrics' },
  live: { path: '/health/live' },
  ready: { path: '/health/ready' },
  'unknown path': { path: '/nowhere' },
  'unknown path below /v1': { path: '/v1/nowhere' },
  'unknown event': { path: '/v1/events/ev-nobody' },
  'unknown session': { path: '/v1/sessions/n%3Aanonymous%2Fnobody' },
  'malformed session': { path: '/v1/sessions/nobody' },
  'unknown connection': { path: '/v1/connections/nobody' },
  'unknown connection removed': { method: 'DELETE', path: '/v1/connections/nobody' },
  'unknown subscription removed': { method: 'DELETE', path: '/v1/events/ev-nobody/subscriptions/c%3Anobody' },
  'malformed limit': { path: '/v1/events?limit=0' },
  'malformed cursor': { path: '/v1/events?cursor=nowhere' },
  'unknown parameter': { path: '/v1/events?unknown=1' },
  'list with another method': { method: 'POST', path: '/v1/nodes' },
  'answer to a listed origin': { path: '/v1/events/ev-http', headers: LISTED },
  'preflight of a listed origin': {
    method: 'OPTIONS',
    path: '/v1/events/ev-http/trigger',
    headers: PREFLIGHT,
  },
  'upgrade to h2c': { path: '/health/live', headers: { connection: 'Upgrade', upgrade: 'h2c' } },
  'upgrade of an unknown path': { path: '/nowhere', headers: UPGRADE },
  'upgrade of /v1': { path: '/v1/nodes', headers: UPGRADE },

  'Engine.IO upgrade': { path: SOCKET, headers: UPGRADE },
  'Engine.IO upgrade of a listed origin': { path: SOCKET, headers: { ...UPGRADE, ...LISTED } },
  'Engine.IO upgrade of another origin': {
    path: SOCKET,
    headers: { ...UPGRADE, origin: 'https://evil.example' },
  },
  'Engine.IO without an upgrade': { path: SOCKET },
  'Engine.IO poll of a listed origin': { path: POLLING, headers: LISTED },
  'Engine.IO poll of another origin': { path: POLLING, headers: { origin: 'https://evil.example' } },
  'Engine.IO preflight': { method: 'OPTIONS', path: POLLING, headers: PREFLIGHT },
  'Engine.IO unknown session': { path: `${POLLING}&sid=nobody` },
  'Engine.IO session of an unknown node': { path: `${POLLING}&sid=gone.nobody` },
  'Engine.IO unknown transport': { path: '/socket.io/?EIO=4&transport=pigeon' },
  'Engine.IO other version': { path: '/socket.io/?EIO=3&transport=polling' },
  'Engine.IO with JSONP': { path: `${POLLING}&j=0` },
  'Engine.IO with another method': { method: 'PUT', path: POLLING },

  'SignalR negotiation of a listed origin': negotiation('/hub', LISTED),
  'SignalR negotiation of another origin': negotiation('/hub', { origin: 'https://evil.example' }),
  'SignalR negotiation without a version': {
    method: 'POST',
    path: '/hub/negotiate',
    headers: { 'content-length': '0' },
  },
  'SignalR negotiation with GET': { path: '/hub/negotiate' },
  'SignalR negotiation at the event hub': negotiation('/MDriven//realtimeeventpushhub', {}),
  'SignalR preflight': { method: 'OPTIONS', path: '/hub/negotiate', headers: PREFLIGHT },
  'SignalR unknown connection': { path: '/hub?id=nobody' },
  'SignalR without a connection': { path: '/hub' },
  'SignalR unknown connection posted to': { method: 'POST', path: '/hub?id=nobody', body: 'x' },
  'SignalR upgrade with an unknown token': { path: '/hub?id=nobody', headers: UPGRADE },
  'SignalR upgrade of another origin': {
    path: '/hub',
    headers: { ...UPGRADE, origin: 'https://evil.example' },
  },
  'SignalR with another method': { method: 'PUT', path: '/hub' },
};

/** Triggers and requests that need nobody connected. */
export async function recordHttpApi(url: string): Promise<Section> {
  const script = new HttpScript(url);
  for (const [step, request] of Object.entries(TRIGGERS)) await script.request(step, request);
  for (const [fault, request] of Object.entries(REFUSED_TRIGGERS)) {
    await script.request(`refused: ${fault}`, request);
  }
  for (const [step, request] of Object.entries(OTHERS)) await script.request(step, request);
  return script.steps;
}

function negotiation(path: string, headers: Readonly<Record<string, string>>): HttpRequest {
  return {
    method: 'POST',
    path: `${path}/negotiate?negotiateVersion=1`,
    headers: { ...headers, 'content-length': '0' },
  };
}
