// What is published. Everything in one tarball has the version of the root's package.json.

/**
 * @typedef {object} Package
 * @property {string} name
 * @property {string} readme
 * @property {string[]} [documents] what its programs refer to
 * @property {string} description
 * @property {string[]} keywords
 * @property {Record<string, string>} entries sub-paths of the package, each a module of the repository without its ending
 * @property {string[]} [programs] apps that its bin starts
 * @property {Record<string, string>} [published] libraries that come with another package of ours
 * @property {RegExp} [peers] what the application must have one copy of
 * @property {RegExp} [optionalPeers] which of these only some sub-paths, or only those who ask for it, need
 * @property {boolean} [isExact] whether it runs with exactly the versions that are tested
 */

/** @param {string} name */
const library = (name) => `libs/${name}/src/index`;

/** @type {readonly Package[]} */
export const PACKAGES = [
  {
    name: '@ringback/client',
    readme: 'docs/packages/client.md',
    description: 'The SDK of Ringback for Node and browsers: subscribes, triggers, comes back by itself.',
    keywords: ['events', 'notifications', 'pubsub', 'client'],
    entries: { '.': library('client') },
  },
  {
    name: 'ringback',
    readme: 'docs/packages/ringback.md',
    description: 'A clustered event-notification hub: leave a cookie, get rung back.',
    keywords: ['events', 'notifications', 'pubsub', 'hub', 'redis', 'socket.io', 'signalr'],
    entries: { './agent': 'apps/agent/src/handlers/module-handler' },
    programs: ['hub', 'agent'],
    documents: ['docs/configuration.md', 'docs/agent.md'],
    peers: /^@opentelemetry[/]/,
    optionalPeers: /^@opentelemetry[/]/,
    isExact: true,
  },
  {
    name: '@ringback/nest',
    readme: 'docs/packages/nest.md',
    description: 'A node of a Ringback hub in a NestJS application.',
    keywords: ['nestjs', 'events', 'notifications', 'pubsub', 'socket.io', 'signalr'],
    entries: {
      '.': library('nest'),
      './core': library('core'),
      './fubu': library('gateway-fubu'),
      './http': library('gateway-http'),
      './http-kit': library('http-kit'),
      './signalr': library('gateway-signalr'),
      './socketio': library('gateway-socketio'),
      './sse': library('gateway-sse'),
    },
    published: { signalr: '@ringback/signalr', 'signalr-nest': '@ringback/signalr/nest' },
    peers: /^(@nestjs[/]|rxjs$|reflect-metadata$)/,
  },
  {
    name: '@ringback/signalr',
    readme: 'docs/packages/signalr.md',
    description: 'A SignalR server for Node: the released ASP.NET Core SignalR clients connect to it.',
    keywords: ['signalr', 'server', 'nestjs', 'backplane', 'websocket', 'long-polling', 'messagepack'],
    entries: {
      '.': library('signalr'),
      './backplane': library('signalr-backplane'),
      './nest': library('signalr-nest'),
      './redis': library('redis'),
    },
    peers: /^(@nestjs[/]|rxjs$|ioredis$)/,
    optionalPeers: /^/,
  },
];
