import { beforeEach, describe, expect, it } from '@jest/globals';
import { HubError, parseEventGuid } from '@ringback/contract';
import { MemoryCluster } from '@ringback/memory';
import { EVENT_ACTIONS, OPERATOR_ACTIONS, type Action } from './actions.js';
import type { AccessPolicy } from './ports/access-policy.port.js';
import { presenceCodec } from './testing/recording-connection.js';
import { TestHub } from './testing/test-hub.js';

const eventguid = parseEventGuid('e');
const anyone = { name: 'anyone' };
const page = { limit: 1 };

type Attempt = (node: TestHub) => Promise<unknown>;

/** What needs which rights, each of them, and is told the first that is missing. */
const attempts: readonly (readonly [what: string, needs: readonly Action[], attempt: Attempt])[] = [
  ['subscribing', ['subscribe'], (node) => node.subscribe(node.connect(), 'e', 'c')],
  [
    'recovering',
    ['subscribe'],
    (node) => node.subscribe(node.connect(), 'e', 'c', { epoch: 'x', offset: 1 }),
  ],
  [
    'subscribing with presence',
    ['subscribe', 'presence'],
    (node) => {
      const { connectionId } = node.connect(undefined, anyone, presenceCodec);
      return node.hub.subscribe(connectionId, { eventguid, cookie: 'c', presence: true });
    },
  ],
  ['triggering', ['trigger'], (node) => node.trigger('e')],
  ['triggering once', ['trigger', 'oneShot'], (node) => node.cut('e')],
  ['reading the history', ['history'], (node) => node.hub.history(anyone, eventguid)],
  ['looking at nodes', ['read'], ({ hub }) => hub.operator.nodes(anyone, page)],
  ['looking at events', ['read'], ({ hub }) => hub.operator.events(anyone, page)],
  ['looking at an event', ['read'], ({ hub }) => hub.operator.event(anyone, eventguid)],
  ['looking at subscriptions', ['read'], ({ hub }) => hub.operator.subscriptions(anyone, eventguid, page)],
  ['looking at a history', ['read'], ({ hub }) => hub.operator.history(anyone, eventguid, page)],
  ['looking at sessions', ['read'], ({ hub }) => hub.operator.sessions(anyone, page)],
  ['looking at a session', ['read'], ({ hub }) => hub.operator.session(anyone, 'n:anyone/s')],
  ['counting connections', ['read'], ({ hub }) => hub.operator.connections(anyone)],
  ['looking at a connection', ['read'], ({ hub }) => hub.operator.connection(anyone, 'x')],
  [
    'ending a subscription',
    ['subscriptions'],
    ({ hub }) => hub.operator.removeSubscription(anyone, eventguid, 's'),
  ],
  ['ending a connection', ['connections'], ({ hub }) => hub.operator.disconnect(anyone, 'x')],
];

describe('Hub, of who may do what', () => {
  let rights: Set<Action>;
  let asked: string[];
  let node: TestHub;

  const access: AccessPolicy = {
    authenticate: () => Promise.resolve(anyone),
    allows: (_identity, action, guid) => {
      asked.push(`${action} ${guid}`);
      return rights.has(action);
    },
    allowsSubscriber: (_identity, subscriberId) => subscriberId === 'mine',
  };

  const codeOf = async (attempt: Attempt): Promise<string> =>
    attempt(node).then(
      () => 'done',
      (error: unknown) => {
        const { code, message } = HubError.from(error);
        return `${code}: ${message}`;
      },
    );

  beforeEach(() => {
    [rights, asked] = [new Set(), []];
    node = new TestHub(new MemoryCluster(), { ports: { access } });
  });

  it.each(attempts)('%s needs %j, and nothing else', async (_what, needs, attempt) => {
    rights = new Set(needs);
    expect(await codeOf(attempt)).not.toMatch('forbidden');
    for (const action of needs) {
      rights = new Set([...EVENT_ACTIONS, ...OPERATOR_ACTIONS]);
      rights.delete(action);
      const name = OPERATOR_ACTIONS.some((one) => one === action) ? `operate: ${action}` : action;
      expect(await codeOf(attempt)).toBe(`forbidden: The right ${name} is missing.`);
    }
  });

  it('asks of the event that it is about', async () => {
    rights = new Set(EVENT_ACTIONS);
    await node.subscribe(node.connect(), 'e', 'c');
    await node.cut('e');
    expect(asked).toEqual(['subscribe e', 'trigger e', 'oneShot e']);
  });

  it('takes in durable subscribers only as whom the identity may be', () => {
    expect(() => node.connectNamed('on-connect', 'mine')).not.toThrow();
    const refused = { code: 'forbidden', message: 'The right to be this durable subscriber is missing.' };
    expect(() => node.connectNamed('on-connect', 'yours')).toThrow(expect.objectContaining(refused));
    expect(() => node.connect(undefined, { name: 'anyone', subscriberId: 'yours' })).toThrow(
      expect.objectContaining(refused),
    );
    expect(() => node.connect()).not.toThrow();
  });
});
