import { Hub, type Identity } from '@ringback/core';
import { applyDecorators, Controller, HttpCode, Inject, Post, Req, UseGuards } from '@nestjs/common';
import { ApiAcceptedResponse } from '@nestjs/swagger';
import { ApiProblems, CurrentIdentity, type HttpRequest, IdentityGuard } from '@ringback/http-kit';
import { triggerAnswer, TriggerAnswer } from './trigger.dto.js';
import { parseTriggerRequest } from './trigger.codec.js';
import { ApiTrigger, ApiTriggerByPath } from './trigger.openapi.js';

function Accepts(): MethodDecorator {
  return applyDecorators(
    HttpCode(202),
    ApiAcceptedResponse({
      type: TriggerAnswer,
      description: 'Kept and published. Without `wait` the answer precedes any delivery.',
    }),
    ApiProblems('bad-request', 'bad-eventguid', 'data-too-large', 'unsupported-media-type'),
  );
}

/** Takes triggers. */
@Controller('v1')
@UseGuards(IdentityGuard)
export class TriggerController {
  constructor(@Inject(Hub) private readonly hub: Hub) {}

  @Post('events/:eventguid/trigger')
  @ApiTriggerByPath()
  @Accepts()
  triggerByPath(@CurrentIdentity() identity: Identity, @Req() request: HttpRequest): Promise<TriggerAnswer> {
    return this.trigger(identity, request);
  }

  /** The eventguid stands where no proxy decodes it. */
  @Post('trigger')
  @ApiTrigger()
  @Accepts()
  async trigger(@CurrentIdentity() identity: Identity, @Req() request: HttpRequest): Promise<TriggerAnswer> {
    const { trigger, ...options } = parseTriggerRequest(request);
    return triggerAnswer(trigger.eventguid, await this.hub.trigger(identity, trigger, options));
  }
}
