import { Inject, Injectable } from '@nestjs/common';
import { HubError } from '@ringback/contract';
import { Hub } from '@ringback/core';
import {
  HttpRouter,
  InboundControl,
  type InboundQueue,
  inTurn,
  isSamePath,
  type ProtocolMount,
  type RequestTarget,
  type RoutedRequest,
  sendBack,
  wantsStream,
} from '@ringback/gateway-kit';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SseGateway } from './sse.gateway.js';
import { GATEWAY, PREPARED_PATH, SSE_OPTIONS, STREAM_PATH, type SseOptions } from './sse.options.js';

/** Brings the requests for a stream to the gateway, and says to each client what it understands where there is none for it. */
@Injectable()
export class SseMount implements ProtocolMount {
  readonly name = GATEWAY;
  readonly precedence = 'exact';
  readonly maxSilenceMs: number;
  private readonly inbound: InboundControl;

  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(HttpRouter) private readonly router: HttpRouter,
    @Inject(SseGateway) private readonly gateway: SseGateway,
    @Inject(SSE_OPTIONS) private readonly options: SseOptions,
  ) {
    this.inbound = InboundControl.of(hub);
    this.maxSilenceMs = options.keepAliveMs;
  }

  match({ path }: RequestTarget): boolean {
    return isSamePath(path, STREAM_PATH) || path.startsWith(PREPARED_PATH);
  }

  /** A node that drains would refuse it with 503, after which a browser never comes back: the gateway has a better answer. */
  opensClient(): boolean {
    return false;
  }

  handle({ request }: RoutedRequest, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET') {
      response.setHeader('Allow', 'GET');
      throw new HubError('method-not-allowed', 'The path has only GET.');
    }
    // It opens a connection as an upgrade does, so pages of other origins are refused that too.
    const refusal = this.router.origins.refusal(request, 'upgrade');
    if (refusal) throw refusal;
    return inTurn(this.inbound, GATEWAY, request, (inbound) => this.open(request, response, inbound));
  }

  private async open(
    request: IncomingMessage,
    response: ServerResponse,
    inbound: InboundQueue,
  ): Promise<void> {
    try {
      await this.gateway.open(request, response, inbound);
    } catch (error) {
      this.router.access?.refused(
        GATEWAY,
        { transport: 'server-sent-events', request },
        HubError.from(error),
      );
      if (!HubError.from(error).temporary || !wantsStream(request)) throw error;
      sendBack(response, this.hub.failed(error), this.options.retryMs);
    }
  }
}
