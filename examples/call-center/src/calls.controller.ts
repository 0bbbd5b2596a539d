import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { EventPublisher } from '@ringback/gateway-fubu';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CallsTopic } from './calls.topic.js';

interface NewCall {
  readonly caller: string;
}

interface Answer {
  readonly agent: string;
}

/** The telephones tell it what happens; it tells whoever listens to the calls of the team. */
@Controller()
export class CallsController {
  constructor(@Inject(EventPublisher) private readonly publisher: EventPublisher) {}

  @Post('teams/:team/calls')
  @HttpCode(201)
  async queue(@Param('team') team: string, @Body() { caller }: NewCall): Promise<{ readonly call: string }> {
    const call = randomUUID();
    await this.publish(team, call, 'CallQueued', { caller });
    return { call };
  }

  @Post('teams/:team/calls/:call/answer')
  @HttpCode(204)
  async answer(
    @Param('team') team: string,
    @Param('call') call: string,
    @Body() { agent }: Answer,
  ): Promise<void> {
    await this.publish(team, call, 'CallAnswered', { agent });
  }

  @Post('teams/:team/calls/:call/end')
  @HttpCode(204)
  async end(@Param('team') team: string, @Param('call') call: string): Promise<void> {
    await this.publish(team, call, 'CallEnded', {});
  }

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  page(): Promise<string> {
    return pageFile('dashboard.html');
  }

  @Get('calls.mjs')
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  script(): Promise<string> {
    return pageFile('calls.mjs');
  }

  private async publish(team: string, call: string, event: string, more: object): Promise<void> {
    const data = { call, at: Date.now(), ...more };
    await this.publisher.writeTo(CallsTopic.of({ Team: team }), { id: randomUUID(), event, data });
  }
}

function pageFile(name: string): Promise<string> {
  return readFile(new URL(`page/${name}`, import.meta.url), 'utf8');
}
