import type { ClientConnection, EndpointOptions, ServerSettings, TokenFactory } from '@ringback/signalr';

/** What may be said of endpoints, and whose connections they are. */
export type EndpointSettings = Partial<Omit<EndpointOptions, 'path' | 'accept' | 'tokens'>> & {
  /** Connection tokens for the hub at `path`. Default: random ones, good for one node or behind sticky routing. */
  readonly tokens?: (path: string) => TokenFactory;
  /** Whose connection it is, for sends to users. Default: what `authenticate` answers, if it is text. */
  readonly userId?: (connection: ClientConnection) => string | undefined;
};

/** How the server and its hubs differ from the defaults. What is said here holds for all hubs, unless one says otherwise. */
export type SignalRSettings = Partial<ServerSettings> &
  EndpointSettings & {
    /** Over how long clients are sent away on shutdown, so that they do not all come back elsewhere at once. Default: 2,000. */
    readonly drainMs?: number;
    /**
     * Whether it takes the requests of its hubs from the HTTP server of the application by itself. Default: yes. Where not, whoever routes the requests
     * hands them to `HubEndpoints`.
     */
    readonly attach?: boolean;
  };

export const SIGNALR_SETTINGS = Symbol('SignalR settings');

/** The name of the server, which its hubs name. */
export const SERVER_NAME = Symbol('SignalR server name');
