import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import type { HubContext, HubDefinition, HubMethod } from '@ringback/signalr';
import { methodsOf, type CallableMethod } from './hub-method.decorator.js';
import { HubPipeline } from './hub-pipeline.js';
import { HUB_PLACE, type HubLifecycle, type HubPlace } from './signalr-hub.decorator.js';
import { SERVER_NAME } from './signalr.settings.js';

/** A provider that is a hub. */
export interface FoundHub {
  readonly place: HubPlace;
  readonly definition: HubDefinition;
}

type Instance = HubLifecycle & Readonly<Record<string, unknown>>;
type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** Finds the providers that are hubs of one server. */
@Injectable()
export class HubExplorer {
  constructor(
    @Inject(SERVER_NAME) private readonly server: string,
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(HubPipeline) private readonly pipeline: HubPipeline,
  ) {}

  /** Throws for a hub of a server that there is none of, for one that is not made once for all, and for one with two methods of a name. */
  explore(): readonly FoundHub[] {
    const wrappers = this.discovery.getProviders();
    const servers = wrappers
      .filter(({ token }) => token === SERVER_NAME)
      .map(({ instance }) => instance as unknown);
    return wrappers.flatMap((wrapper) => this.hubOf(wrapper, servers));
  }

  private hubOf(wrapper: Wrapper, servers: readonly unknown[]): readonly FoundHub[] {
    const made = classOf(wrapper);
    const place = made && this.reflector.get<HubPlace | undefined>(HUB_PLACE, made);
    if (!place || wrapper.isAlias) return [];
    if (!servers.includes(place.server)) {
      throw new TypeError(
        `The hub at '${place.path}' names the server '${place.server}', which no SignalRModule is.`,
      );
    }
    if (place.server !== this.server) return [];
    if (wrapper.isTransient || !wrapper.isDependencyTreeStatic()) {
      throw new TypeError(`The hub at '${place.path}' must be made once for all.`);
    }
    return [{ place, definition: this.definitionOf(wrapper.instance as Instance) }];
  }

  private definitionOf(hub: Instance): HubDefinition {
    return {
      methods: this.methodsByName(hub),
      ...(hub.onConnected && { onConnected: (context) => hub.onConnected?.(context) }),
      ...(hub.onDisconnected && { onDisconnected: (context, error) => hub.onDisconnected?.(context, error) }),
    };
  }

  private methodsByName(hub: Instance): HubDefinition['methods'] {
    const methods = new Map<string, HubMethod>();
    for (const [property, options] of methodsOf(Object.getPrototypeOf(hub) as object)) {
      const { name = property } = options;
      if (methods.has(name)) throw new TypeError(`Two hub methods are named '${name}'.`);
      methods.set(name, this.methodOf(hub, name, property, options));
    }
    return Object.fromEntries(methods);
  }

  private methodOf(hub: Instance, method: string, property: string, options: CallableMethod): HubMethod {
    const run = this.pipeline.create(hub, property, countArguments(options));
    if (!hub.dispatch) return { ...options, call: run };
    const call = (context: HubContext, ...args: readonly unknown[]): unknown =>
      hub.dispatch?.({ context, method, args }, async () => run(context, ...args));
    return { ...options, call };
  }
}

/** The class of what is provided, were it by a factory or in place of another. */
function classOf({ instance, metatype }: Wrapper): (new () => unknown) | undefined {
  const object: unknown = instance;
  const made: unknown = typeof object === 'object' && object !== null ? object.constructor : metatype;
  return typeof made === 'function' ? (made as new () => unknown) : undefined;
}

/** Those that are checked or counted, and the uploads. */
function countArguments({ args = 0, uploads = 0 }: CallableMethod): number {
  return (typeof args === 'number' ? args : args.length) + uploads;
}
