import { HttpException, Inject, Injectable, type ParamData } from '@nestjs/common';
import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  PIPES_METADATA,
  RouteParamtypes,
} from '@nestjs/common/internal';
import { ExternalContextCreator, ModulesContainer, type NestContainer } from '@nestjs/core';
import { ExternalExceptionFilterContext } from '@nestjs/core/exceptions/external-exception-filter-context.js';
import {
  GuardsConsumer,
  GuardsContextCreator,
  InterceptorsConsumer,
  InterceptorsContextCreator,
  PipesConsumer,
  STATIC_CONTEXT,
} from '@nestjs/core/internal';
import { HubException, type HubContext } from '@ringback/signalr';
import { ArgumentPipes, CONTEXT_DATA } from './argument-pipes.js';

/** `ExecutionContext.getType()` for a call of a hub method: its arguments are the context, then what the client sent. */
const SIGNALR_CONTEXT = 'signalr';

type Instance = Readonly<Record<string, unknown>>;
type Method = (...given: unknown[]) => unknown;

/** How a hub method is called. */
export type MethodCall = (context: HubContext, ...given: readonly unknown[]) => unknown;

/** A string, since Nest puts it into keys. */
const ARGUMENTS = '__signalr_hub_method_arguments__';

const ENHANCERS = [GUARDS_METADATA, PIPES_METADATA, INTERCEPTORS_METADATA, EXCEPTION_FILTERS_METADATA];

/**
 * Puts the guards, pipes, interceptors and filters that stand on a hub or on its method before the method. As for gateways on `@nestjs/websockets`, those
 * that are set for the whole application do not count: they are written for HTTP. A method without any is called directly, at no cost.
 */
@Injectable()
export class HubPipeline {
  private readonly creator: ExternalContextCreator;

  constructor(@Inject(ModulesContainer) modules: ModulesContainer) {
    this.creator = contextCreator(modules);
  }

  /** How the method is to be called. `arity` is how many arguments it takes after the context. */
  create(hub: Instance, property: string, arity: number): MethodCall {
    const method = hub[property] as Method;
    if (!hasEnhancers(hub, method)) return (...given) => Reflect.apply(method, hub, given);
    Reflect.defineMetadata(ARGUMENTS, argumentsOf(arity), hub.constructor, property);
    const call = this.enhance(hub, method, property);
    return (...given) => call(...given).catch(rethrow);
  }

  private enhance(
    hub: Instance,
    method: Method,
    property: string,
  ): (...given: unknown[]) => Promise<unknown> {
    return this.creator.create<Record<string, never>, typeof SIGNALR_CONTEXT>(
      hub,
      method,
      property,
      ARGUMENTS,
      { exchangeKeyForValue: valueOf },
      STATIC_CONTEXT,
      undefined,
      undefined,
      SIGNALR_CONTEXT,
    );
  }
}

function hasEnhancers(hub: Instance, method: Method): boolean {
  const has = (target: object): boolean => ENHANCERS.some((key) => Reflect.hasMetadata(key, target));
  return has(hub.constructor) || has(method);
}

/** The errors of Nest say what went wrong to whoever called: here that is a hub exception. */
function rethrow(error: unknown): never {
  if (error instanceof HttpException) throw new HubException(error.message, { cause: error });
  throw error;
}

interface Argument {
  readonly index: number;
  readonly data: ParamData;
  readonly pipes: readonly never[];
}

/** The context, and each argument as Nest calls what a client sent: a body. */
function argumentsOf(arity: number): Readonly<Record<string, Argument>> {
  const entries = Array.from({ length: arity + 1 }, (_, index) => [
    `${RouteParamtypes.BODY}:${index}`,
    { index, data: index === 0 ? CONTEXT_DATA : String(index), pipes: [] },
  ]);
  return Object.fromEntries(entries) as Readonly<Record<string, Argument>>;
}

function valueOf(_type: number, data: ParamData, given: readonly unknown[]): unknown {
  return given[data === CONTEXT_DATA ? 0 : Number(data)];
}

/** Without the application's configuration, which holds what is set for the whole of it. */
function contextCreator(modules: ModulesContainer): ExternalContextCreator {
  const container = { getModules: () => modules } as NestContainer; // all that is asked of it
  return new ExternalContextCreator(
    new GuardsContextCreator(container),
    new GuardsConsumer(),
    new InterceptorsContextCreator(container),
    new InterceptorsConsumer(),
    modules,
    new ArgumentPipes(container),
    new PipesConsumer(),
    new ExternalExceptionFilterContext(container),
  );
}
