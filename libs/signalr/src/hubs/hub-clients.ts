import type { PreparedMessage } from './prepared-message.js';
import type { SendTarget } from './send-target.js';

/** Methods of clients, by name; for typed clients an interface of the application. */
export type ClientMethods = Record<string, (...args: never[]) => unknown>;

/** Any method with any arguments. */
export type AnyClientMethods = Record<string, (...args: unknown[]) => unknown>;

type Name<Methods> = keyof Methods & string;
type Arguments<Method> = Method extends (...args: infer Args) => unknown ? Args : never;
type Result<Method> = Method extends (...args: never[]) => infer Returned ? Awaited<Returned> : never;

/** Some clients, for sending. */
export interface ClientSet<Methods = AnyClientMethods> {
  /** Written once for each protocol. Resolves when it has been handed over, not when it has arrived. */
  send<Method extends Name<Methods>>(method: Method, ...args: Arguments<Methods[Method]>): Promise<void>;
  /** The same, for a message that the application has prepared. */
  sendPrepared(message: PreparedMessage): Promise<void>;
}

/** One client, which can also be asked. */
export interface SingleClient<Methods = AnyClientMethods> extends ClientSet<Methods> {
  /** Resolves with what the client answers, rejects with its error, or when it is not there. */
  invoke<Method extends Name<Methods>>(
    method: Method,
    ...args: Arguments<Methods[Method]>
  ): Promise<Result<Methods[Method]>>;
}

/** Whom a hub can reach, on every node. */
export interface HubClients<Methods = AnyClientMethods> {
  readonly all: ClientSet<Methods>;
  allExcept(connectionIds: readonly string[]): ClientSet<Methods>;
  client(connectionId: string): SingleClient<Methods>;
  clients(connectionIds: readonly string[]): ClientSet<Methods>;
  group(name: string, exceptConnectionIds?: readonly string[]): ClientSet<Methods>;
  groups(names: readonly string[], exceptConnectionIds?: readonly string[]): ClientSet<Methods>;
  user(userId: string): ClientSet<Methods>;
  users(userIds: readonly string[]): ClientSet<Methods>;
}

/** The same, as seen by one of them. */
export interface CallerClients<Methods = AnyClientMethods> extends HubClients<Methods> {
  readonly caller: SingleClient<Methods>;
  readonly others: ClientSet<Methods>;
  othersInGroup(name: string): ClientSet<Methods>;
}

type Typed<Methods> = { [Name in keyof Methods]: (...args: never[]) => unknown };

/** The same clients, with the methods that they are known to have. */
export function typedClients<Methods extends Typed<Methods>>(clients: CallerClients): CallerClients<Methods>;
export function typedClients<Methods extends Typed<Methods>>(clients: HubClients): HubClients<Methods>;
export function typedClients(clients: HubClients): unknown {
  return clients;
}

/** What brings a message to those whom it is for. */
export interface ClientRoutes {
  send(to: SendTarget, target: string, args: readonly unknown[]): Promise<void>;
  sendPrepared(to: SendTarget, message: PreparedMessage): Promise<void>;
  invoke(connectionId: string, target: string, args: readonly unknown[]): Promise<unknown>;
}

/** Stands between a call and what it asks of clients. */
export type AroundInvoke = (ask: () => Promise<unknown>) => Promise<unknown>;

const clientSet = (routes: ClientRoutes, to: SendTarget): ClientSet => ({
  send: (method, ...args) => routes.send(to, method, args),
  sendPrepared: (message) => routes.sendPrepared(to, message),
});

const directly: AroundInvoke = (ask) => ask();

/** Whom a hub can reach through `routes`. */
export const hubClients = (routes: ClientRoutes, aroundInvoke: AroundInvoke = directly): HubClients => ({
  all: clientSet(routes, { kind: 'all', except: [] }),
  allExcept: (except) => clientSet(routes, { kind: 'all', except }),
  client: (id) => ({
    ...clientSet(routes, { kind: 'connections', ids: [id] }),
    invoke: (method, ...args) => aroundInvoke(() => routes.invoke(id, method, args)),
  }),
  clients: (ids) => clientSet(routes, { kind: 'connections', ids }),
  group: (name, except = []) => clientSet(routes, { kind: 'groups', names: [name], except }),
  groups: (names, except = []) => clientSet(routes, { kind: 'groups', names, except }),
  user: (userId) => clientSet(routes, { kind: 'users', ids: [userId] }),
  users: (ids) => clientSet(routes, { kind: 'users', ids }),
});

/** Whom the connection `connectionId` can reach. */
export const callerClients = (
  routes: ClientRoutes,
  connectionId: string,
  aroundInvoke: AroundInvoke,
): CallerClients => {
  const clients = hubClients(routes, aroundInvoke);
  return {
    ...clients,
    caller: clients.client(connectionId),
    others: clients.allExcept([connectionId]),
    othersInGroup: (name) => clients.group(name, [connectionId]),
  };
};
