// One node of an application that has nothing of the hub but its relay, started by signalr-cluster.ts: `libs/signalr` on several
// nodes without sticky sessions, with the methods of the test hub.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connectRedis, RedisClaims, RedisClusterKey, RedisRelay } from '@ringback/redis';
import {
  checkedMethod,
  forwardElsewhere,
  jsonProtocol,
  messagePackProtocol,
  signedTokens,
  SignalREndpoint,
  SignalRServer,
  type HubDefinition,
} from '@ringback/signalr';
import { backplaneHistory, RelayBackplane } from '@ringback/signalr-backplane';
import { testHub } from './signalr-test-hub/test-hub.js';

/** The last one as JSON: where each node is reached, by its id. */
const {
  NODE_ID: nodeId = '',
  PORT = '',
  REDIS_URL: url = '',
  REDIS_PREFIX: prefix = '',
  NODES = '',
} = process.env;
const addresses = new Map(Object.entries(JSON.parse(NODES) as Record<string, string>));

const isText = (value: unknown): value is string => typeof value === 'string';

const hubDefinition: HubDefinition = {
  methods: {
    ...testHub.methods,
    Join: checkedMethod([isText], ({ groups, connectionId }, group) => groups.add(connectionId, group)),
    SendToGroup: checkedMethod([isText, isText], ({ clients }, group, text) =>
      clients.group(group).send('Message', text),
    ),
    SendToAll: checkedMethod([isText], ({ clients }, text) => clients.all.send('Message', text)),
  },
};

const log = { debug() {}, info() {}, warn: console.warn, error: console.error };
const redis = await connectRedis({ url, prefix, log });
const relay = new RedisRelay(redis, { history: backplaneHistory, sessionTtlMs: 60_000 });
const claims = new RedisClaims(redis);
const clusterKey = new RedisClusterKey(redis);
const backplane = await RelayBackplane.open(relay, { application: 'test' });
const server = new SignalRServer({
  protocols: [jsonProtocol, messagePackProtocol],
  detailedErrors: true,
  backplane,
});
const hub = server.addHub('/testhub', hubDefinition);
const endpoint = new SignalREndpoint({
  path: '/testhub',
  accept: (connection) => hub.accept(connection),
  statefulReconnect: true,
  tokens: signedTokens({
    nodeId,
    key: () => clusterKey.read(),
    // Somebody else each time: the same one would only renew its claim.
    claim: (tokenId, ttlMs) => claims.claim(tokenId, randomUUID(), ttlMs),
  }),
  elsewhere: forwardElsewhere({ nodeId, addressOf: (owner) => addresses.get(owner) }),
});

/** What a client anywhere answers, or why it does not. */
const clientResult = (connectionId: string): Promise<string> =>
  hub.clients.client(connectionId).invoke('Result').then(String, String);

/** Everything else is the load balancer, which asks whether the node is alive. */
const http = createServer((request, response) => {
  const asked = /^\/clientresult\/(.+)$/.exec(request.url ?? '')?.[1];
  const answer = asked === undefined ? Promise.resolve('') : clientResult(asked);
  answer.then(
    (text) => response.end(text),
    () => response.destroy(),
  );
});
endpoint.attach(http);
http.listen(Number(PORT), '127.0.0.1');
await once(http, 'listening');

await once(process, 'SIGTERM');
await server.drain(0);
await endpoint.close();
await backplane.close();
await redis.close();
process.exit();
