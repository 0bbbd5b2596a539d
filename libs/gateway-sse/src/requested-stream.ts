import type { Hub, Identity } from '@ringback/core';
import { isSamePath, parseTarget } from '@ringback/gateway-kit';
import type { IncomingMessage } from 'node:http';
import type { PreparedStreams } from './prepared-streams.js';
import type { NeededRecord } from './record-keeper.js';
import { GATEWAY, PREPARED_PATH, STREAM_PATH } from './sse.options.js';
import { parseStreamCaller, parseStreamRequest, type StreamDefinition } from './stream-request.js';

/** A stream that somebody asks for, and who that is. */
export interface RequestedStream extends StreamDefinition {
  readonly identity: Identity;
  readonly lastEventId: string | undefined;
  /** The record that describes it, where it was prepared. */
  readonly record?: NeededRecord;
}

/** Says what a request asks for: its query does, or what was prepared. Rejects with a coded error. */
export async function readRequestedStream(
  request: IncomingMessage,
  hub: Pick<Hub, 'authenticate' | 'limits'>,
  prepared: PreparedStreams,
): Promise<RequestedStream> {
  const { path } = parseTarget(request);
  if (isSamePath(path, STREAM_PATH)) {
    const { credentials, ...asked } = parseStreamRequest(request, hub.limits.subscriptionsPerConnection);
    return { ...asked, identity: await hub.authenticate({ ...credentials, gateway: GATEWAY }) };
  }
  const { credentials, lastEventId } = parseStreamCaller(request);
  const identity = await hub.authenticate({ ...credentials, gateway: GATEWAY });
  const id = path.slice(PREPARED_PATH.length);
  const { definition, record } = await prepared.find(id, identity);
  return { ...definition, identity, lastEventId, record };
}
