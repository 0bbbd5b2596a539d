import { HubError } from '@ringback/contract';
import type { Hub, Identity } from '@ringback/core';
import { InboundControl, paceEnds, paceReads, type HttpRouter } from '@ringback/gateway-kit';
import type { AccessLog } from '@ringback/http-kit';
import {
  AccessDenied,
  HubException,
  noMetrics,
  signedTokens,
  type OpeningRequest,
  type TokenFactory,
} from '@ringback/signalr';
import type { SignalRSettings } from '@ringback/signalr-nest';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { credentialsOf } from './signalr.credentials.js';
import { SignalRInbound } from './signalr.inbound.js';
import { endpointLimits, serverLimits } from './signalr.limits.js';
import { DEFAULT_POLL_TIMEOUT_MS, GATEWAY, type SignalROptions } from './signalr.options.js';
import { sourceOf } from './signalr.source.js';

/** What calls are counted as that fit no method. */
const UNBOUND = '(unknown)';

/** How the SignalR server of a hub runs: who may come in, with which tokens, within which limits. */
export function serverSettings(
  hub: Hub,
  router: Pick<HttpRouter, 'admit' | 'access'>,
  { pollTimeoutMs }: SignalROptions,
): SignalRSettings {
  const control = InboundControl.of(hub);
  const onFault = (error: unknown): void => reportFault(hub, error);
  return {
    attach: false,
    drainMs: 0, // the hub has closed its clients by then
    nodeId: hub.nodeId,
    // What a client may not know has become a code before it comes here; what is left is its own mistake.
    detailedErrors: true,
    inboundFlow: (source) => new SignalRInbound(control, source),
    onWebSocket: (webSocket, carrier) => {
      paceEnds(carrier as Socket, control.endings);
      paceReads(webSocket, carrier as Socket, control.scheduler);
    },
    metrics: { ...noMetrics, invoked: (method, _, succeeded) => countUnbound(hub, method, succeeded) },
    log: { warn: (_message, { error }) => onFault(error) },
    onFault,
    onReattached: (carrier) => router.admit(carrier),
    authenticate: (opening) => authenticate(hub, opening, router.access),
    allowedOrigins: 'unchecked', // the router has
    statefulReconnect: true,
    tokens: (path) => connectionTokens(hub, path),
    ...serverLimits(hub.limits),
    ...endpointLimits(hub.limits),
    pollTimeoutMs: pollTimeoutMs ?? DEFAULT_POLL_TIMEOUT_MS,
  };
}

async function authenticate(
  hub: Hub,
  opening: OpeningRequest,
  access: AccessLog | undefined,
): Promise<Identity> {
  try {
    return await hub.authenticate({ ...credentialsOf(opening), gateway: GATEWAY });
  } catch (error) {
    const hubError = hub.failed(error);
    access?.refused(GATEWAY, sourceOf(opening), hubError);
    const { code } = hubError;
    if (code === 'unauthorized') throw new AccessDenied(401);
    throw code === 'forbidden' ? new AccessDenied(403) : HubError.from(error);
  }
}

/** A load balancer need not be sticky: a token says which node it belongs to, and is proof enough to any other that it is good, once. */
function connectionTokens(hub: Hub, scope: string): TokenFactory {
  const { nodeId, clusterKey, claims } = hub;
  return signedTokens({
    nodeId,
    scope,
    key: () => counted(hub, clusterKey.read()),
    // A holder of its own for each claim: who comes second is refused, on the same node too.
    claim: (tokenId, ttlMs) => counted(hub, claims.claim(`signalr-token:${tokenId}`, randomUUID(), ttlMs)),
    onFault: (error) => reportFault(hub, error),
  });
}

async function counted<Answer>(hub: Hub, request: Promise<Answer>): Promise<Answer> {
  try {
    return await request;
  } catch (error) {
    throw hub.failed(error);
  }
}

/** Calls of no method, or with other arguments, are refused before they are a command. */
function countUnbound(hub: Hub, method: string, succeeded: boolean): void {
  if (method === UNBOUND && !succeeded) hub.failed(new HubError('bad-request'));
}

/** What has a code, or says one to a client, has been counted where it came up. */
function reportFault(hub: Hub, error: unknown): void {
  if (!(error instanceof HubError || error instanceof HubException)) hub.failed(error);
}
