import { afterEach, describe, expect, it } from '@jest/globals';
import type { HubConnection } from '@microsoft/signalr';
import {
  Catch,
  Injectable,
  ParseIntPipe,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type ArgumentMetadata,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { HubException, type HubContext, type RequestFacts } from '@ringback/signalr';
import { map, type Observable } from 'rxjs';
import { HubMethod, SignalRHub, SignalRModule, type HubInvocation } from './index.js';
import { NestApplication } from './testing/nest-application.js';

@Injectable()
class Steps {
  readonly taken: unknown[] = [];
}

@Injectable()
class NamedGuard implements CanActivate {
  constructor(private readonly steps: Steps) {}

  canActivate(context: ExecutionContext): boolean {
    const [{ userId }, ...args] = context.getArgs<[HubContext, ...unknown[]]>();
    this.steps.taken.push([context.getType(), context.getClass().name, context.getHandler().name, args]);
    return userId === 'ann' && args[0] !== 'forbidden';
  }
}

/** What an application has for its HTTP routes. */
@Injectable()
class HttpGuard implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

class TrimPipe implements PipeTransform {
  transform(value: unknown, { type }: ArgumentMetadata): unknown {
    return type === 'body' && typeof value === 'string' ? value.trim() : value;
  }
}

class DoublingInterceptor implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((result: unknown) => [result, result]));
  }
}

@Catch(RangeError)
class RangeFilter implements ExceptionFilter {
  catch(error: RangeError): never {
    throw new HubException(`out of range: ${error.message}`);
  }
}

@SignalRHub('/guarded')
@UseGuards(NamedGuard)
@UsePipes(TrimPipe)
class GuardedHub {
  constructor(private readonly steps: Steps) {}

  async dispatch({ method, args }: HubInvocation, next: () => Promise<unknown>): Promise<unknown> {
    this.steps.taken.push([method, args]);
    return next();
  }

  @HubMethod({ args: 2, name: 'Repeat' })
  @UseInterceptors(DoublingInterceptor)
  repeat({ userId }: HubContext, first: unknown, second: unknown): unknown {
    return { userId, first, second };
  }

  @HubMethod({ args: 1 })
  @UsePipes(ParseIntPipe)
  count(_: HubContext, count: number): number {
    return count + 1;
  }

  @HubMethod()
  @UseFilters(RangeFilter)
  exceed(): never {
    throw new RangeError('too far');
  }
}

@SignalRHub('/plain')
class PlainHub {
  @HubMethod({ args: 1 })
  echo(_: HubContext, value: unknown): unknown {
    return value;
  }
}

const authenticate = async ({ bearerToken }: RequestFacts): Promise<unknown> => bearerToken;

let application: NestApplication | undefined;
afterEach(() => application?.close());

async function start(): Promise<NestApplication> {
  application = await NestApplication.start({
    imports: [SignalRModule.forRoot({ drainMs: 0, detailedErrors: true, authenticate })],
    providers: [GuardedHub, PlainHub, Steps, NamedGuard, { provide: APP_GUARD, useClass: HttpGuard }],
  });
  return application;
}

describe('the methods of a hub', () => {
  it('run behind its dispatch, then guards, pipes and interceptors', async () => {
    const { app } = await start();
    const client = (await application?.connect('/guarded')) as HubConnection;
    const result = { userId: 'ann', first: 'a', second: 7 };
    expect(await client.invoke('repeat', ' a ', 7)).toEqual([result, result]);
    expect(app.get(Steps).taken).toEqual([
      ['Repeat', [' a ', 7]],
      ['signalr', 'GuardedHub', 'repeat', [' a ', 7]],
    ]);
  });

  it('tell the client what guards, pipes and filters refuse', async () => {
    const client = await (await start()).connect('/guarded');
    await expect(client.invoke('Repeat', 'forbidden', 1)).rejects.toThrow('HubException: Forbidden resource');
    await expect(client.invoke('count', 'x')).rejects.toThrow('numeric string is expected');
    expect(await client.invoke('count', '41')).toBe(42);
    await expect(client.invoke('exceed')).rejects.toThrow('HubException: out of range: too far');
  });

  it('are not subject to what the application has for all of its routes', async () => {
    const client = await (await start()).connect('/plain');
    expect(await client.invoke('echo', 'x')).toBe('x');
  });
});
