import { AGENT_SETTINGS } from '../names.js';

/** What the prefix of the agent's keys is. */
export const AGENT_PREFIX = 'surface-agent';

/** Opens tickets and subscriptions of the agent. */
export const OPERATOR_TOKEN = 'operator-token';

/** Events that the agent is subscribed to by its configuration. */
export const CONFIGURED = { done: 'ev-agent-done', failed: 'ev-agent-failed' } as const;

export function agentEnvironment(redisUrl: string): Record<string, string> {
  return {
    [AGENT_SETTINGS.redisUrl]: redisUrl,
    [AGENT_SETTINGS.redisPrefix]: AGENT_PREFIX,
    [AGENT_SETTINGS.logLevel]: 'error',
    [AGENT_SETTINGS.operatorToken]: OPERATOR_TOKEN,
  };
}

/** One hub, and handlers that the service behind `handlerUrl` answers. */
export function agentConfig(hubUrl: string, handlerUrl: string): object {
  const subscription = (eventguid: string, viewModel: string): object => ({
    eventguid,
    cookie: `Viewmodel=${viewModel}&RootId=7`,
  });
  return {
    hubs: [
      {
        name: 'main',
        url: hubUrl,
        subscriberId: 'agent',
        subscriptions: [subscription(CONFIGURED.done, 'Run'), subscription(CONFIGURED.failed, 'Nobody')],
      },
    ],
    handlers: {
      Run: { url: `${handlerUrl}/run/{ViewModel}/{RootId}?at={eventguid}`, secret: 'handler-secret' },
    },
    queue: { attempts: 2, minDelayMs: 1, maxDelayMs: 2 },
  };
}
