import { HubError, METHODS, parseAcknowledge, parseUnsubscribe, type Command } from '@ringback/contract';
import { parseMDrivenSubscribe } from '@ringback/gateway-kit';
import type { Codec, Identity, SessionRequest } from '@ringback/core';
import type { HubProtocol } from '@ringback/signalr';
import { eventHubCodecs, extendedHubCodecs } from './signalr.codec.js';
import { parseEventHubSubscribe, parseEventHubTrigger, parseExtendedTrigger } from './signalr.commands.js';
import { wantedSession, type Shown } from './signalr.credentials.js';
import { PATHS } from './signalr.paths.js';

/** What bridges ask the extended hub. */
const DESCRIBE = 'DescribeHub';

/** How a method reads its arguments, and how many it takes: exactly as many. */
export interface Method {
  readonly args: number;
  readonly parse: (args: readonly unknown[]) => Command;
}

/** What one of the two hubs is to its clients. */
export interface HubFace {
  readonly path: string;
  readonly codecs: Readonly<Record<HubProtocol['name'], Codec>>;
  readonly methods: Readonly<Record<string, Method>>;
  /** Whether commands are answered with what became of them. */
  readonly replies: boolean;
  /** Whether clients know the calls that say why they are closed, and what went wrong with a message that they sent without waiting. MDriven's do not. */
  readonly tells: boolean;
  readonly session: (shown: Shown, identity: Identity) => SessionRequest | undefined;
}

/** MDriven's own: two methods without results, one call of three strings. */
export function eventHub(mayTrigger: boolean): HubFace {
  return {
    path: PATHS.event,
    codecs: eventHubCodecs,
    methods: {
      [METHODS.subscribe]: { args: 2, parse: parseEventHubSubscribe },
      [METHODS.trigger]: { args: 3, parse: mayTrigger ? parseEventHubTrigger : refuseTrigger },
    },
    replies: false,
    tells: false,
    session: () => undefined,
  };
}

/** Everything that the hub can do. */
export const extendedHub: HubFace = {
  path: PATHS.extended,
  codecs: extendedHubCodecs,
  methods: {
    [METHODS.subscribe]: { args: 3, parse: parseMDrivenSubscribe },
    [METHODS.unsubscribe]: { args: 1, parse: parseUnsubscribe },
    [METHODS.trigger]: { args: 3, parse: parseExtendedTrigger },
    [METHODS.acknowledge]: { args: 2, parse: parseAcknowledge },
    [DESCRIBE]: { args: 0, parse: () => ({ name: 'describe' }) },
  },
  replies: true,
  tells: true,
  session: wantedSession,
};

function refuseTrigger(): never {
  throw new HubError('forbidden', 'Triggers are switched off at this hub.');
}
