import { Controller, Inject, Post, Req, UseGuards } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOperation, ApiProperty } from '@nestjs/swagger';
import { Hub, type Identity } from '@ringback/core';
import {
  ApiProblems,
  CurrentIdentity,
  EVENTGUID_EXAMPLE,
  IdentityGuard,
  TrustedProxies,
  type AddressedRequest,
  type HttpRequest,
} from '@ringback/http-kit';
import { parsePreparedRequest } from './prepared-request.js';
import { PreparedStreams } from './prepared-streams.js';
import { PREPARED_PATH } from './sse.options.js';

/** The answer to a stream that was prepared. */
export class PreparedStream {
  @ApiProperty({ type: String, example: `${PREPARED_PATH}k1T9xq0fLw2mZr7JYb3sVg` })
  readonly url!: string;
}

const BODY = {
  schema: {
    type: 'object' as const,
    additionalProperties: false,
    required: ['events'],
    properties: {
      events: {
        type: 'array' as const,
        minItems: 1,
        items: {
          oneOf: [
            { type: 'string' as const, example: EVENTGUID_EXAMPLE },
            {
              type: 'object' as const,
              required: ['eventguid'],
              additionalProperties: false,
              properties: { eventguid: { type: 'string' as const }, cookie: { type: 'string' as const } },
            },
          ],
        },
      },
      format: { type: 'string' as const, enum: ['plain', 'envelope'], default: 'plain' },
      presence: { type: 'boolean' as const, default: false },
      subscriberId: { type: 'string' as const, minLength: 1, maxLength: 128 },
    },
  },
};

/** Describes streams before they are opened. */
@Controller('v1')
@UseGuards(IdentityGuard)
export class StreamsController {
  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(PreparedStreams) private readonly prepared: PreparedStreams,
    @Inject(TrustedProxies) private readonly proxies: TrustedProxies,
  ) {}

  /** For lists that are too long for a URL. */
  @Post('streams')
  @ApiOperation({
    tags: ['stream'],
    summary: 'Prepare an event stream',
    description:
      'The stream is opened at the URL that is answered, on any node, by the same identity, for the first time within a minute.',
  })
  @ApiBody(BODY)
  @ApiCreatedResponse({ type: PreparedStream })
  @ApiProblems(
    'bad-eventguid',
    'cookie-too-large',
    'data-too-large',
    'unsupported-media-type',
    'too-many-subscriptions',
    'too-many-prepared-streams',
  )
  async prepare(
    @CurrentIdentity() identity: Identity,
    @Req() request: HttpRequest & AddressedRequest,
  ): Promise<PreparedStream> {
    const definition = parsePreparedRequest(request, this.hub.limits.subscriptionsPerConnection);
    const id = await this.prepared.prepare(definition, identity);
    return { url: `${this.proxies.publicPrefix(request)}${PREPARED_PATH}${id}` };
  }
}
