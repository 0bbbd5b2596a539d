import { Inject, Injectable } from '@nestjs/common';
import { HubError } from '@ringback/contract';
import { Hub } from '@ringback/core';
import type { RoutedRequest } from '@ringback/gateway-kit';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GATEWAY } from './fubu.options.js';
import { parsePublished } from './published-event.js';
import { publishAll } from './publishing.js';
import { parseStreamRequest } from './stream-request.js';
import type { ServedTopic } from './topic-registry.js';

/** JSON escapes a byte with up to six characters. */
const MAX_ESCAPED_BYTES = 6;
/** For everything in a body that is not data. */
const BODY_HEADROOM_BYTES = 64 * 1024;

/** Publishes over HTTP. */
@Injectable()
export class PublishHandler {
  constructor(@Inject(Hub) private readonly hub: Hub) {}

  /** Answers with 202 and the positions once all events are kept. Rejects with a coded error: nothing is published if one of them is none. */
  async handle({ value }: ServedTopic, routed: RoutedRequest, response: ServerResponse): Promise<void> {
    const { credentials } = parseStreamRequest(routed);
    const identity = await this.hub.authenticate({ ...credentials, gateway: GATEWAY });
    const { limits } = this.hub;
    const maxBytes = limits.dataBytes * MAX_ESCAPED_BYTES + BODY_HEADROOM_BYTES;
    const body = parseBody(routed.request, await readBody(routed.request, maxBytes));
    const positions = await publishAll(this.hub, identity, parsePublished(body, value.eventguid, limits));
    const answer = JSON.stringify({ positions });
    response.writeHead(202, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(answer),
    });
    response.end(answer);
  }
}

function parseBody({ headers }: IncomingMessage, body: Buffer): unknown {
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  if (type.trim().toLowerCase() !== 'application/json' || headers['content-encoding'] !== undefined)
    throw new HubError('unsupported-media-type', 'Events are published as application/json, not compressed.');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new HubError('bad-request', 'The body is not JSON in UTF-8.', { cause });
  }
}

/** What is left of a body that is too long is thrown away: the next request of the connection comes behind it. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes)
        throw new HubError('data-too-large', `The body is longer than ${maxBytes} bytes.`);
      chunks.push(chunk);
    }
  } finally {
    request.resume();
  }
  return Buffer.concat(chunks, bytes);
}
