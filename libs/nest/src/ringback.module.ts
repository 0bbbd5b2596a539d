import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { RightsAccess } from '@ringback/access-rights';
import {
  Hub,
  type AccessPolicy,
  type Log,
  type Metrics,
  type TokenVerifier,
  type Tracer,
} from '@ringback/core';
import { CHANNELS, ForwardedLinks, HttpRouter, NodeForwarder } from '@ringback/gateway-kit';
import { AccessLog, HostPolicy, OriginPolicy, Readiness, TrustedProxies } from '@ringback/http-kit';
import { OpenAccess } from '@ringback/memory';
import { StartupError } from '@ringback/settings';
import type { Server } from 'node:http';
import { ApplicationAccess } from './application-access.js';
import { ApplicationLog } from './application-log.js';
import { buildHub } from './build-hub.js';
import type { ClusterPorts } from './cluster-ports.js';
import { HubClient } from './hub-client.js';
import { NoMetrics } from './no-metrics.js';
import { findNodeAddress } from './node-address.js';
import { openPorts } from './open-ports.js';
import { RingbackNode } from './ringback-node.js';
import {
  completeOptions,
  type CompleteOptions,
  type RingbackAsyncOptions,
  type RingbackModuleOptions,
} from './ringback.options.js';
import {
  ACCESS_POLICY,
  CLUSTER_PORTS,
  LOG,
  METRICS,
  RINGBACK_OPTIONS,
  TOKEN_VERIFIER,
  TRACER,
} from './tokens.js';

/**
 * A hub node within a Nest application, beside whatever else the application serves. `HubClient` can be injected everywhere, to trigger and to subscribe;
 * the modules of the gateways that the application imports beside this one bring the protocols.
 */
@Module({})
export class RingbackModule {
  static forRoot({ providers = [], ...options }: RingbackModuleOptions = {}): DynamicModule {
    return RingbackModule.forRootAsync({ providers, useFactory: () => options });
  }

  static forRootAsync({
    imports = [],
    inject = [],
    useFactory,
    providers = [],
  }: RingbackAsyncOptions): DynamicModule {
    const options = {
      provide: RINGBACK_OPTIONS,
      inject: [ModulesContainer, ...inject],
      useFactory: completed(useFactory),
    };
    return {
      module: RingbackModule,
      global: true,
      imports: [...imports],
      providers: [options, ...DEFAULT_PROVIDERS, RingbackNode, HubClient, ...providers], // of two with one token the later counts
      exports: [
        AccessLog,
        Hub,
        HubClient,
        CHANNELS,
        ForwardedLinks,
        HttpRouter,
        OriginPolicy,
        Readiness,
        RingbackNode,
        TrustedProxies,
        CLUSTER_PORTS,
        LOG,
        METRICS,
        RINGBACK_OPTIONS,
      ],
    };
  }
}

const DEFAULT_PROVIDERS: readonly Provider[] = [
  { provide: LOG, useClass: ApplicationLog },
  { provide: METRICS, useClass: NoMetrics },
  { provide: TRACER, useValue: null },
  { provide: TOKEN_VERIFIER, useValue: null },
  { provide: ACCESS_POLICY, inject: [LOG, TOKEN_VERIFIER], useFactory: pickAccess },
  { provide: CLUSTER_PORTS, inject: [RINGBACK_OPTIONS, LOG], useFactory: openPorts },
  { provide: CHANNELS, inject: [CLUSTER_PORTS], useFactory: ({ channels }: ClusterPorts) => channels },
  {
    provide: Hub,
    inject: [RINGBACK_OPTIONS, CLUSTER_PORTS, ACCESS_POLICY, LOG, METRICS, TRACER, HttpAdapterHost],
    useFactory: makeHub,
  },
  { provide: TrustedProxies, inject: [RINGBACK_OPTIONS], useFactory: makeProxies },
  {
    provide: OriginPolicy,
    inject: [RINGBACK_OPTIONS, TrustedProxies, HttpAdapterHost],
    useFactory: makeOrigins,
  },
  {
    provide: Readiness,
    inject: [CLUSTER_PORTS, LOG],
    useFactory: (ports: ClusterPorts, log: Log) => new Readiness(ports, log),
  },
  { provide: NodeForwarder, inject: [Hub, CLUSTER_PORTS, LOG, TrustedProxies], useFactory: makeForwarder },
  {
    provide: AccessLog,
    inject: [RINGBACK_OPTIONS, LOG, TrustedProxies],
    useFactory: ({ accessLog: ratio }: CompleteOptions, log: Log, proxies: TrustedProxies) =>
      new AccessLog({ log, proxies, ratio }),
  },
  { provide: HttpRouter, inject: [Hub, OriginPolicy, NodeForwarder, AccessLog], useFactory: makeRouter },
  { provide: ForwardedLinks, inject: [Hub, HttpRouter, NodeForwarder, LOG], useFactory: makeLinks },
];

function completed(useFactory: RingbackAsyncOptions['useFactory']) {
  return async (modules: ModulesContainer, ...dependencies: never[]): Promise<CompleteOptions> => {
    assertOnlyNode(modules);
    return completeOptions(await useFactory(...dependencies));
  };
}

/** Before anything is opened: two nodes would share one HTTP server, and each provider would find one of them by chance. */
function assertOnlyNode(modules: ModulesContainer): void {
  const nodes = [...modules.values()].filter(({ metatype }) => metatype === RingbackModule);
  if (nodes.length > 1)
    throw new StartupError('The application imports RingbackModule twice; import it once, it is global.');
}

function pickAccess(log: Log, verifier: TokenVerifier | null): AccessPolicy {
  if (verifier) return new RightsAccess({ verifier });
  log.warn('authentication disabled: everybody may do everything');
  return new OpenAccess();
}

function makeHub(
  options: CompleteOptions,
  ports: ClusterPorts,
  access: AccessPolicy,
  log: Log,
  metrics: Metrics,
  tracer: Tracer | null,
  host: HttpAdapterHost,
): Hub {
  const where = { configured: options.nodeAddress, isShared: options.redis !== undefined };
  const address = (): string =>
    findNodeAddress(host.httpAdapter?.getHttpServer() as Server | undefined, where);
  return buildHub(options, ports, new ApplicationAccess(access), { log, metrics, tracer, address });
}

function makeProxies({ trustedProxies }: CompleteOptions): TrustedProxies {
  try {
    return new TrustedProxies(trustedProxies);
  } catch (cause) {
    throw new StartupError(`trustedProxies: ${(cause as RangeError).message}.`, { cause });
  }
}

function makeOrigins(options: CompleteOptions, proxies: TrustedProxies, host: HttpAdapterHost): OriginPolicy {
  const boundTo = (): string | undefined => {
    const address = (host.httpAdapter?.getHttpServer() as Server | undefined)?.address();
    return typeof address === 'object' ? address?.address : undefined;
  };
  const own = options.host === undefined ? [] : [options.host];
  const hosts = new HostPolicy({ allowed: options.allowedHosts, own, boundTo });
  return new OriginPolicy(options.origins, { proxies, hosts });
}

function makeForwarder(hub: Hub, { leases }: ClusterPorts, log: Log, proxies: TrustedProxies): NodeForwarder {
  return new NodeForwarder({
    nodeId: hub.nodeId,
    addressOf: async (nodeId) => (await leases.node(nodeId))?.address || undefined, // empty: nobody reaches it
    log,
    reportError: (error) => hub.failed(error),
    prefixOf: (request) => proxies.publicPrefix(request),
  });
}

function makeRouter(
  hub: Hub,
  origins: OriginPolicy,
  forwarder: NodeForwarder,
  access: AccessLog,
): HttpRouter {
  return new HttpRouter({
    nodeId: hub.nodeId,
    origins,
    forwarder,
    access,
    isDraining: () => hub.isDraining,
    pending: {
      max: hub.limits.pendingConnections,
      maxPerAddress: hub.limits.pendingConnectionsPerAddress,
    },
    reportError: (error) => hub.failed(error),
  });
}

function makeLinks(hub: Hub, router: HttpRouter, forwarder: NodeForwarder, log: Log): ForwardedLinks {
  const links = new ForwardedLinks({ hub, router, forwarder, log });
  links.start();
  return links;
}
