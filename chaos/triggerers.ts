import { RingbackClient } from '@ringback/client';
import { HubError, isErrorCode } from '@ringback/contract';
import type { Triggerer } from './publisher.js';

const ANSWER_WITHIN_MS = 4_000;

/** Triggers over HTTP. */
export function httpTriggerer(url: string): Triggerer {
  return {
    via: 'http',
    trigger: (eventguid, data, options) => post(url, eventguid, { data, ...options }),
    close: () => undefined,
  };
}

/** Triggers with the SDK, which is told not to repeat: each attempt is to stand in the history. */
export function sdkTriggerer(url: string): Triggerer {
  const client = new RingbackClient({
    url,
    minDelayMs: 50,
    maxDelayMs: 500,
    timeoutMs: ANSWER_WITHIN_MS,
    onError: () => undefined, // what goes wrong shows in the attempts
  });
  client.connect().catch(() => undefined); // closes the client, and then each attempt says so
  return {
    via: 'sdk',
    trigger: async (eventguid, data, options) => (await client.trigger(eventguid, data, options)).position,
    close: () => client.close(),
  };
}

async function post(url: string, eventguid: string, body: object): Promise<string> {
  const response = await fetch(`${url}/v1/events/${eventguid}/trigger`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  }).catch((error: unknown) => {
    throw new HubError('closed', String(error));
  });
  const text = await response.text().catch((error: unknown) => {
    throw new HubError('closed', String(error));
  });
  if (response.status !== 202) throw new HubError(codeOf(text), text);
  return (JSON.parse(text) as { position: string }).position;
}

/** What does not come from the hub but from the load balancer says nothing about the trigger. */
function codeOf(text: string): HubError['code'] {
  try {
    const { code } = JSON.parse(text) as { code?: unknown };
    return isErrorCode(code) ? code : 'node-unavailable';
  } catch {
    return 'node-unavailable';
  }
}
