/** The injection tokens of the parts that have no class of their own. An application replaces a part by providing its token; see `RingbackModuleOptions.providers`. */

/** `RingbackOptions`, completed with the defaults. */
export const RINGBACK_OPTIONS = Symbol('RingbackOptions');

/** `Log` of the core. Default: the logger of the application. */
export const LOG = Symbol('Log');

/** `Metrics` of the core. Default: none are counted. */
export const METRICS = Symbol('Metrics');

/** `Tracer` of the core. Default: none; nothing is traced. */
export const TRACER = Symbol('Tracer');

/** `AccessPolicy` of the core. Default: everybody may do everything, with a warning in the log. */
export const ACCESS_POLICY = Symbol('AccessPolicy');

/** `TokenVerifier` of the core: whose tokens count, with their rights in the claim `ringback`. Default: none; without an `AccessPolicy` everybody may do everything. */
export const TOKEN_VERIFIER = Symbol('TokenVerifier');

/** `ClusterPorts`: what binds the nodes of a cluster together. Default: Redis if there is a URL, else memory. */
export const CLUSTER_PORTS = Symbol('ClusterPorts');
