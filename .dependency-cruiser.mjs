/**
 * The direction rule: edge -> core -> ports <- adapters; everything may know `contract` and `async`; only apps know everything.
 * test/direction.spec.ts plants a breach of each rule and expects it to be reported.
 */
const edge = '^libs/(gateway|bridge)-(?!kit/)';
const kit = '^libs/(gateway|bridge)-kit/';
const spec = '[.](spec|int-spec|e2e-spec|matrix-spec)[.]ts$|/src/testing/';
const severity = 'error';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circles',
      comment:
        'Two modules that need each other are one module in two files; neither can be understood or tested alone.',
      severity,
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment: 'A path that leads nowhere would slip past all the other rules.',
      severity,
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'contract-is-the-ground',
      comment:
        'contract is the words that all sides share, browsers included; whatever it imports, everyone imports.',
      severity,
      from: { path: '^libs/contract/', pathNot: spec },
      to: { path: '^(libs/(?!contract/)|apps/)|node_modules' },
    },
    {
      name: 'settings-is-a-leaf',
      comment:
        'Apps, kits, gateways and bridges define their settings with it, in any combination: whatever it imports, all of them import.',
      severity,
      from: { path: '^libs/settings/', pathNot: spec },
      to: { path: '^(libs/(?!settings/)|apps/)|node_modules' },
    },
    {
      name: 'async-is-a-leaf',
      comment:
        'async is timers, deadlines and queues for all sides, browsers included; whatever it imports, everyone imports.',
      severity,
      from: { path: '^libs/async/', pathNot: spec },
      to: { path: '^(libs/(?!async/)|apps/)|node_modules' },
    },
    {
      name: 'node-proxy-is-a-leaf',
      comment:
        'node-proxy carries requests between the nodes of any program; signalr is shipped to others with it. The proxy library is its only package.',
      severity,
      from: { path: '^libs/node-proxy/', pathNot: spec },
      to: { path: '^(libs/(?!(node-proxy|async)/)|apps/)|node_modules/(?!httpxy/)' },
    },
    {
      name: 'core-knows-only-contract',
      comment:
        'What the hub does must run and be tested without Nest, Redis or any package; the outside comes in through ports.',
      severity,
      from: { path: '^libs/core/', pathNot: spec },
      to: { path: '^(libs/(?!(core|contract|async)/)|apps/)|node_modules' },
    },
    {
      name: 'adapters-know-only-core',
      comment:
        'An adapter fills ports of the core. One that knew another, or an edge, could not be replaced by itself.',
      severity,
      from: { path: '^libs/(redis|memory|opentelemetry|access-rights)/', pathNot: spec },
      to: { path: '^(libs/(?!(core|contract|async)/)|apps/)', pathNot: '^libs/$1/' },
    },
    {
      name: 'jwt-defines-its-settings',
      comment:
        'An adapter like the others, but for its settings: keys that are too weak are refused where they are parsed.',
      severity,
      from: { path: '^libs/access-jwt/', pathNot: spec },
      to: { path: '^(libs/(?!(access-jwt|core|contract|async|settings)/)|apps/)' },
    },
    {
      name: 'policies-share-rights-alone',
      comment:
        'What a token may do is said and decided in one place, access-rights; otherwise a policy is an adapter like all others.',
      severity,
      from: { path: '^libs/(access-(?!rights/|jwt/)[^/]+)/', pathNot: spec },
      to: { path: '^(libs/(?!(access-rights|core|contract|async)/)|apps/)', pathNot: '^libs/$1/' },
    },
    {
      name: 'only-the-adapter-loads-opentelemetry',
      comment:
        'It is not installed with the hub. Whatever imported it elsewhere would not start without it; behind the adapter it is loaded where traces are wanted.',
      severity,
      from: { path: '^(libs|apps)/', pathNot: [spec, '^libs/opentelemetry/'] },
      to: { path: '@opentelemetry/' },
    },
    {
      name: 'edges-know-no-adapter',
      comment:
        'A gateway or bridge speaks to the Hub, whatever stands behind it; only the composition picks adapters. What edges have in common is in their kits; signalr and signalr-nest are a protocol library, not a part of the hub.',
      severity,
      from: { path: edge, pathNot: spec },
      to: {
        path: '^(libs/(?!(gateway|bridge)-|(core|contract|async|settings|http-kit|signalr|signalr-nest)/)|apps/)',
      },
    },
    {
      name: 'edges-do-not-meet',
      comment:
        'One protocol is one folder: removing it must break no other. Clients of different protocols meet in the core.',
      severity,
      from: { path: '^libs/((?:gateway|bridge)-(?!kit/)[^/]+)/' },
      to: { path: edge, pathNot: '^libs/$1/' },
    },
    {
      name: 'kits-pick-no-side',
      comment:
        'Every gateway is made from the kit. If it knew one of them, or an adapter, it would bring that one to all others.',
      severity,
      from: { path: kit, pathNot: spec },
      to: {
        path: '^(libs/(?!(core|contract|async|settings|http-kit|node-proxy)/)|apps/)',
        pathNot: '^libs/(gateway|bridge)-kit/',
      },
    },
    {
      name: 'nest-composes-a-node',
      comment:
        'It puts a hub on its adapters for any Nest application, which picks the gateways; what is for our own apps stays out of it.',
      severity,
      from: { path: '^libs/nest/', pathNot: spec },
      to: {
        path: '^(libs/(?!(nest|core|contract|async|settings|http-kit|gateway-kit|access-rights|memory|redis|platform)/)|apps/)',
      },
    },
    {
      name: 'nest-is-for-applications',
      comment: 'A library that needed the composition of a node could not be used without it.',
      severity,
      from: { path: '^libs/(?!nest/)', pathNot: spec },
      to: { path: '^libs/nest/' },
    },
    {
      name: 'http-kit-picks-no-side',
      comment:
        'Everything that speaks HTTP shares it: the hub, the agent, a console. If it knew one of them, the others would bring that one along.',
      severity,
      from: { path: '^libs/http-kit/', pathNot: spec },
      to: { path: '^(libs/(?!(http-kit|core|contract|async)/)|apps/)' },
    },
    {
      name: 'http-kit-knows-core-by-type',
      comment:
        'The agent and the console are not hubs: what they share with it must not carry the hub itself along.',
      severity,
      from: { path: '^libs/http-kit/', pathNot: spec },
      to: { path: '^libs/core/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'agent-knows-no-gateway',
      comment: 'It is a client of the hub; what it serves itself stands on http-kit.',
      severity,
      from: { path: '^apps/agent/', pathNot: spec },
      to: { path: '^libs/(gateway-[^/]+|operator-api)/' },
    },
    {
      name: 'operator-api-knows-no-side',
      comment:
        'Operators see what the Hub holds, whichever gateway it came through and whatever stores it; removing a gateway leaves them whole.',
      severity,
      from: { path: '^libs/operator-api/', pathNot: spec },
      to: { path: '^(libs/(?!(operator-api|core|contract|http-kit|async|nest)/)|apps/)' },
    },
    {
      name: 'client-knows-only-contract',
      comment: 'The SDK is shipped to others; it must bring nothing of the hub along.',
      severity,
      from: { path: '^libs/client/', pathNot: spec },
      to: { path: '^(libs/(?!(client|contract|async)/)|apps/)' },
    },
    {
      name: 'browsers-have-no-node',
      comment:
        'The SDK and what it shares with the hub must run in a browser, which has none of the modules built into Node.',
      severity,
      from: { path: '^libs/(client|contract|async)/', pathNot: spec },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'signalr-knows-no-hub',
      comment:
        'signalr is a SignalR server for Node that would serve any program; gateway-signalr is where it meets the hub. Its specs go with it. Leaves that know no hub either are packed into it.',
      severity,
      from: { path: '^libs/signalr/' },
      to: { path: '^(libs/(?!(signalr|async|node-proxy)/)|apps/)' },
    },
    {
      name: 'backplane-joins-relay-and-signalr',
      comment:
        'It puts the nodes of a SignalR application on the Relay port; which relay that is, its user picks.',
      severity,
      from: { path: '^libs/signalr-backplane/', pathNot: spec },
      to: { path: '^(libs/(?!(signalr-backplane|signalr|core|contract|async)/)|apps/)' },
    },
    {
      name: 'signalr-nest-knows-only-signalr',
      comment: 'signalr for any Nest application: it would serve one that knows nothing of the hub.',
      severity,
      from: { path: '^libs/signalr-nest/', pathNot: spec },
      to: { path: '^(libs/(?!(signalr-nest|signalr|async)/)|apps/)|node_modules/(?!@nestjs/(common|core)/)' },
    },
    {
      name: 'platform-is-for-apps',
      comment:
        'Nest conveniences belong to the composition; a library that needed them could not be used without Nest.',
      severity,
      from: { path: '^libs/', pathNot: '^libs/platform/' },
      to: { path: '^libs/platform/' },
    },
    {
      name: 'platform-picks-no-side',
      comment: 'Conveniences that knew an edge or an adapter would bind every app to it.',
      severity,
      from: { path: '^libs/platform/', pathNot: spec },
      to: { path: '^(libs/(?!(platform|core|contract|async|settings|http-kit)/)|apps/)' },
    },
    {
      name: 'conformance-is-for-specs',
      comment: 'It is made of tests and pulls the test runner in: specs and test/ use it, the product never.',
      severity,
      from: { path: '^(libs|apps)/', pathNot: [spec, '^libs/conformance/'] },
      to: { path: '^libs/conformance/' },
    },
    {
      name: 'conformance-picks-no-side',
      comment:
        'A suite that knew one adapter or gateway could not judge another; memory and rights may stand in where a hub is needed.',
      severity,
      from: { path: '^libs/conformance/', pathNot: spec },
      to: { path: '^(libs/(?!(conformance|core|contract|async|memory|access-rights|platform)/)|apps/)' },
    },
    {
      name: 'apps-do-not-meet',
      comment: 'Each app is a process of its own; what two of them share is a library.',
      severity,
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'product-knows-no-test',
      comment: 'What is shipped must build and run without its tests.',
      severity,
      from: { path: '^(libs|apps)/', pathNot: spec },
      to: { path: ['^test/', spec] },
    },
    {
      name: 'front-door-only',
      comment: 'A library is entered by its index.ts; behind it, everything may move.',
      severity,
      from: { path: '^((?:libs|apps)/[^/]+)/' },
      to: { path: '^libs/[^/]+/src/', pathNot: ['/src/index[.]ts$', '^$1/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Pages are for browsers, which resolve imports by URL.
    exclude: { path: '(^|/)(dist|coverage)/|/src/page/' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports of types alone count: they bind just as much.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
