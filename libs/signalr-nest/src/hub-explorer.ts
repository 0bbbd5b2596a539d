import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import type { HubDefinition, HubMethod } from '@ringback/signalr';
import { methodsOf, type CallableMethod } from './hub-method.decorator.js';
import { HUB_PLACE, type HubLifecycle, type HubPlace } from './signalr-hub.decorator.js';

/** A provider that is a hub. */
export interface FoundHub {
  readonly place: HubPlace;
  readonly definition: HubDefinition;
}

type Instance = HubLifecycle & Readonly<Record<string, unknown>>;
type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** Finds the providers that are hubs. */
@Injectable()
export class HubExplorer {
  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  /** Throws for a hub that is not made once for all requests. */
  explore(): readonly FoundHub[] {
    return this.discovery.getProviders().flatMap((wrapper) => this.hubOf(wrapper));
  }

  private hubOf(wrapper: Wrapper): readonly FoundHub[] {
    const made = classOf(wrapper);
    const place = made && this.reflector.get<HubPlace | undefined>(HUB_PLACE, made);
    if (!place || wrapper.isAlias) return [];
    if (!wrapper.isDependencyTreeStatic()) {
      throw new TypeError(`The hub at '${place.path}' must not be made for each request.`);
    }
    return [{ place, definition: definitionOf(wrapper.instance as Instance) }];
  }
}

/** The class of what is provided, were it by a factory or in place of another. */
function classOf({ instance, metatype }: Wrapper): (new () => unknown) | undefined {
  const object: unknown = instance;
  const made: unknown = typeof object === 'object' && object !== null ? object.constructor : metatype;
  return typeof made === 'function' ? (made as new () => unknown) : undefined;
}

function definitionOf(hub: Instance): HubDefinition {
  const known = [...methodsOf(Object.getPrototypeOf(hub) as object)];
  const methods = known.map(([property, options]) => [
    options.name ?? property,
    methodOf(hub, property, options),
  ]);
  return {
    methods: Object.fromEntries(methods) as HubDefinition['methods'],
    ...(hub.onConnected && { onConnected: (context) => hub.onConnected?.(context) }),
    ...(hub.onDisconnected && { onDisconnected: (context, error) => hub.onDisconnected?.(context, error) }),
  };
}

function methodOf(hub: Instance, property: string, options: CallableMethod): HubMethod {
  const call: HubMethod['call'] = (...given) => Reflect.apply(hub[property] as () => unknown, hub, given);
  return { ...options, call };
}
