import type {
  AnyClientMethods,
  ArgumentCheck,
  CallerClients,
  HubContext,
  HubMethod as MethodDefinition,
} from '@ringback/signalr';

/** What a hub method knows about its caller, with clients that are known to have these methods. */
export interface TypedHubContext<Methods = AnyClientMethods> extends Omit<HubContext, 'clients'> {
  readonly clients: CallerClients<Methods>;
}

/** How clients call a method of a hub. */
export type HubMethodOptions<Args extends number | readonly ArgumentCheck[] = number> = Pick<
  MethodDefinition,
  'uploads' | 'stream' | 'authorize'
> & {
  /** How many arguments it takes, exactly; or a check for each of them. None by default. */
  readonly args?: Args;
  /** What clients call it; compared without regard to case. Default: as it is called here. */
  readonly name?: string;
};

/** What stands under the name of a method. */
export type CallableMethod = HubMethodOptions<number | readonly ArgumentCheck[]>;

type Checked<Check> = Check extends ArgumentCheck<infer T> ? T : never;

/** What a method is given after the context: checked arguments, then uploads; what is only counted may be anything. */
type Given<Args> = Args extends readonly ArgumentCheck[]
  ? [...{ readonly [Index in keyof Args]: Checked<Args[Index]> }, ...AsyncIterable<never>[]]
  : never[];

/** A context that fits wherever a method asks for one, whatever it knows of its clients. */
type AnyHubContext = Omit<HubContext, 'clients'> & { readonly clients: never };

type Callable<Args> = (context: AnyHubContext, ...given: Given<Args>) => unknown;

const METHODS = Symbol('hub methods');

type Methods = ReadonlyMap<string, CallableMethod>;

/**
 * Lets clients call a method of a hub: with the context first, then the arguments, as their checks say, then the uploads as async iterables.
 * A subclass that overrides it is called by the same rules.
 */
export const HubMethod =
  <const Args extends number | readonly ArgumentCheck[] = readonly []>(
    options: HubMethodOptions<Args> = {},
  ) =>
  <Method extends Callable<Args>>(
    prototype: object,
    property: string,
    _descriptor: TypedPropertyDescriptor<Method>,
  ): void => {
    Reflect.defineMetadata(METHODS, new Map([...methodsOf(prototype), [property, options]]), prototype);
  };

/** What clients may call of an object with that prototype, by the names of its properties. */
export function methodsOf(prototype: object): Methods {
  return (Reflect.getMetadata(METHODS, prototype) as Methods | undefined) ?? new Map();
}
