import { Inject, Injectable } from '@nestjs/common';
import { HubError } from '@ringback/contract';
import { Hub } from '@ringback/core';
import {
  HttpRouter,
  InboundControl,
  inTurn,
  sendBack,
  wantsStream,
  type InboundQueue,
  type ProtocolMount,
  type RequestTarget,
  type RoutedRequest,
} from '@ringback/gateway-kit';
import { pathRefusal } from '@ringback/http-kit';
import type { ServerResponse } from 'node:http';
import { FubuGateway } from './fubu.gateway.js';
import { FUBU_OPTIONS, GATEWAY, type FubuOptions } from './fubu.options.js';
import { PublishHandler } from './publish.handler.js';
import { parseStreamRequest } from './stream-request.js';
import { TopicRegistry, type ServedTopic } from './topic-registry.js';

/** Brings the requests for a topic to the gateway, and says to each client what it understands where there is no stream for it. */
@Injectable()
export class FubuMount implements ProtocolMount {
  readonly name = GATEWAY;
  readonly precedence = 'exact';
  readonly maxSilenceMs: number;
  private readonly inbound: InboundControl;
  private readonly base: string;

  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(HttpRouter) private readonly router: HttpRouter,
    @Inject(TopicRegistry) private readonly topics: TopicRegistry,
    @Inject(FubuGateway) private readonly gateway: FubuGateway,
    @Inject(PublishHandler) private readonly publishing: PublishHandler,
    @Inject(FUBU_OPTIONS) private readonly options: FubuOptions,
  ) {
    this.inbound = InboundControl.of(hub);
    this.maxSilenceMs = options.keepAliveMs;
    this.base = `${options.path}/`.toLowerCase();
  }

  match({ path }: RequestTarget): boolean {
    return (
      path.length >= this.base.length - 1 && `${path}/`.slice(0, this.base.length).toLowerCase() === this.base
    );
  }

  /** A node that drains would refuse it with 503, after which a browser never comes back: the gateway has a better answer. */
  opensClient(): boolean {
    return false;
  }

  handle(routed: RoutedRequest, response: ServerResponse): void | Promise<void> {
    const { request } = routed;
    if (request.method === 'POST') return this.publishing.handle(this.bind(routed), routed, response);
    if (request.method !== 'GET') {
      response.setHeader('Allow', 'GET, POST');
      throw new HubError('method-not-allowed', 'A topic has only GET and POST.');
    }
    // It opens a connection as an upgrade does, so pages of other origins are refused that too.
    const refusal = this.router.origins.refusal(request, 'upgrade');
    if (refusal) throw refusal;
    return inTurn(this.inbound, GATEWAY, request, (inbound) => this.open(routed, response, inbound));
  }

  /** A path that proxies would tidy may have meant another topic. */
  private bind({ request, target: { path, query } }: RoutedRequest): ServedTopic {
    const refusal = pathRefusal(request);
    if (refusal) throw refusal;
    return this.topics.bind(path.slice(this.base.length), query);
  }

  private async open(routed: RoutedRequest, response: ServerResponse, inbound: InboundQueue): Promise<void> {
    const { request } = routed;
    try {
      await this.gateway.open(this.bind(routed), parseStreamRequest(routed), response, inbound);
    } catch (error) {
      const { code, temporary } = HubError.from(error);
      const source = { transport: 'server-sent-events', request };
      this.router.access?.refused(GATEWAY, source, HubError.from(error));
      // What is our own fault would fail again, for as long as it comes back.
      if (!temporary || code === 'internal' || !wantsStream(request)) throw error;
      sendBack(response, this.hub.failed(error), this.options.retryMs);
    }
  }
}
