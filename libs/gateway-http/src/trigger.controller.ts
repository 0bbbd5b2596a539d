import type { EventGuid } from '@ringback/contract';
import { Hub, type Identity } from '@ringback/core';
import { Controller, HttpCode, Inject, Param, Post, Req, UseGuards } from '@nestjs/common';
import { ApiAcceptedResponse } from '@nestjs/swagger';
import {
  ApiProblems,
  CurrentIdentity,
  EventGuidPipe,
  type HttpRequest,
  IdentityGuard,
} from '@ringback/http-kit';
import { triggerAnswer, TriggerAnswer } from './trigger.dto.js';
import { parseTriggerRequest } from './trigger.codec.js';
import { ApiTrigger } from './trigger.openapi.js';

/** Takes triggers. */
@Controller('v1/events')
@UseGuards(IdentityGuard)
export class TriggerController {
  constructor(@Inject(Hub) private readonly hub: Hub) {}

  @Post(':eventguid/trigger')
  @HttpCode(202)
  @ApiTrigger()
  @ApiAcceptedResponse({
    type: TriggerAnswer,
    description: 'Kept and published. Without `wait` the answer precedes any delivery.',
  })
  @ApiProblems('bad-request', 'bad-eventguid', 'data-too-large', 'unsupported-media-type')
  async trigger(
    @CurrentIdentity() identity: Identity,
    @Param('eventguid', EventGuidPipe) eventguid: EventGuid,
    @Req() request: HttpRequest,
  ): Promise<TriggerAnswer> {
    const { trigger, waitMs } = parseTriggerRequest(request);
    const options = waitMs === undefined ? {} : { waitMs };
    const triggered = await this.hub.trigger(identity, { ...trigger, eventguid }, options);
    return triggerAnswer(eventguid, triggered);
  }
}
