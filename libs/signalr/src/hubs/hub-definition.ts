import type { ClientConnection } from '../client-connection.js';
import type { HubContext } from './hub-context.js';

/** Tells whether a value that a client sent may be taken as `T`. */
export type ArgumentCheck<T = unknown> = (value: unknown) => value is T;

/** One method that clients may call. */
export interface HubMethod {
  /** How many arguments it takes, exactly; or a check for each of them. None by default. */
  readonly args?: number | readonly ArgumentCheck[];
  /** Streams that the client sends along: async iterables, handed over after the arguments. */
  readonly uploads?: number;
  /** The result is an (async) iterable, sent item by item. Clients must ask for it as a stream. */
  readonly stream?: boolean;
  /** False, and the caller is told that it is not authorised. */
  readonly authorize?: (context: HubContext) => boolean | Promise<boolean>;
  /** `context`, the arguments, the uploads. May throw; a `HubException` tells the client why. */
  readonly call: (context: HubContext, ...args: never[]) => unknown;
}

/** What a hub is: its methods by name, and what happens as connections come and go. */
export interface HubDefinition {
  /** Names are compared without regard to case. */
  readonly methods: Readonly<Record<string, HubMethod>>;
  /** Before the first message of a connection is read. Throwing closes the connection for good. */
  readonly onConnected?: (context: HubContext) => unknown;
  /** Once for each connection whose `onConnected` succeeded. `error` tells that it did not leave by itself. */
  readonly onDisconnected?: (context: HubContext, error?: Error) => unknown;
  /** Whose connection it is, for sends to users. */
  readonly userId?: (connection: ClientConnection) => string | undefined;
}

/** A method, and how much it takes. */
export interface KnownMethod {
  readonly name: string;
  readonly arity: number;
  readonly checks: readonly ArgumentCheck[];
  readonly uploads: number;
  readonly streams: boolean;
  readonly method: HubMethod;
}

/** A definition, ready to be run. */
export interface Hub extends Omit<HubDefinition, 'methods'> {
  /** By lower-case name. */
  readonly methods: ReadonlyMap<string, KnownMethod>;
}

const knownMethod = (name: string, method: HubMethod): KnownMethod => {
  const args = method.args ?? 0;
  return {
    name,
    arity: typeof args === 'number' ? args : args.length,
    checks: typeof args === 'number' ? [] : args,
    uploads: method.uploads ?? 0,
    streams: method.stream ?? false,
    method,
  };
};

/** Checks a definition: there are no overloads, so no two names may differ in case only. */
export const defineHub = (definition: HubDefinition): Hub => {
  const methods = new Map<string, KnownMethod>();
  for (const [name, method] of Object.entries(definition.methods)) {
    if (methods.has(name.toLowerCase())) throw new TypeError(`Two hub methods are named '${name}'.`);
    methods.set(name.toLowerCase(), knownMethod(name, method));
  }
  return { ...definition, methods };
};

type Checked<Checks extends readonly ArgumentCheck[]> = {
  readonly [Index in keyof Checks]: Checks[Index] extends ArgumentCheck<infer T> ? T : never;
};

/** A method whose arguments are checked one by one, and typed by their checks. */
export const checkedMethod = <const Checks extends readonly ArgumentCheck[]>(
  checks: Checks,
  call: (context: HubContext, ...args: Checked<Checks>) => unknown,
  more: Pick<HubMethod, 'authorize' | 'stream'> = {},
): HubMethod => ({ ...more, args: checks, call: call as HubMethod['call'] });
