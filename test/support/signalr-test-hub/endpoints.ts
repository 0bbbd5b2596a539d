import {
  SignalREndpoint,
  type EndpointOptions,
  type Redirect,
  type RequestFacts,
  type SignalRServer,
} from '@ringback/signalr';
import type { AccessTokens } from './access-tokens.js';
import { echo } from './echo.js';

/** Counts: the suite looks whether it is sent on anew at each reconnect. */
const redirects = (): ((facts: RequestFacts) => Promise<Redirect>) => {
  let count = 0;
  return async ({ query }) => {
    count += 1;
    return { url: `${query.get('baseUrl') ?? ''}/testHub?numRedirects=${count}` };
  };
};

const refuseAll = (): never => {
  throw new Error('/redirect only sends clients on');
};

/** Every path that speaks SignalR. All pages may come in, with credentials: never do that outside of tests. */
export const testEndpoints = (server: SignalRServer, tokens: AccessTokens): readonly SignalREndpoint[] => {
  const endpoint = (path: string, options: Pick<EndpointOptions, 'accept'> & Partial<EndpointOptions>) =>
    new SignalREndpoint({ allowedOrigins: '*', path, ...options });
  const toHub = (path: string) => ({
    accept: (connection: Parameters<EndpointOptions['accept']>[0]) => server.accept(path, connection),
  });
  return [
    endpoint('/testhub', toHub('/testhub')),
    endpoint('/testhub-nowebsockets', {
      ...toHub('/testhub'),
      transports: ['ServerSentEvents', 'LongPolling'],
    }),
    endpoint('/authorizedhub', {
      ...toHub('/authorizedhub'),
      authenticate: (facts) => tokens.userOf(facts),
    }),
    endpoint('/uncreatable', toHub('/uncreatable')),
    endpoint('/echo', { accept: echo }),
    endpoint('/redirect', { accept: refuseAll, redirect: redirects() }),
  ];
};
