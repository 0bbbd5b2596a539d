/** What the HTTP gateway answers to an accepted trigger. */
export interface TriggerAnswer {
  readonly eventguid: string;
  readonly position: string;
  readonly subscribers: number;
}

export interface ListedSubscription {
  readonly subscriberId: string;
  readonly cookie: string;
  readonly since: string;
  readonly nodeId: string;
}

/** Triggers over HTTP with a JSON body. */
export async function trigger(url: string, eventguid: string, body: object = {}): Promise<TriggerAnswer> {
  const response = await fetch(`${url}/v1/events/${encodeURIComponent(eventguid)}/trigger`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as TriggerAnswer;
}

/** Every stored subscription of an event, as the operator endpoint of a node lists them. */
export async function subscriptions(url: string, eventguid: string): Promise<ListedSubscription[]> {
  const items: ListedSubscription[] = [];
  let cursor = '';
  do {
    const path = `/v1/events/${encodeURIComponent(eventguid)}/subscriptions?limit=200${cursor}`;
    const answer = await fetch(url + path);
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    const page = (await answer.json()) as { items: ListedSubscription[]; next?: string };
    items.push(...page.items);
    cursor = page.next === undefined ? '' : `&cursor=${encodeURIComponent(page.next)}`;
  } while (cursor !== '');
  return items;
}

/** How many subscriptions of an event are stored, those of dead nodes that are not swept yet included. */
export async function storedSubscribers(url: string, eventguid: string): Promise<number> {
  const response = await fetch(`${url}/v1/events/${encodeURIComponent(eventguid)}`);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return ((await response.json()) as { readonly subscribers: number }).subscribers;
}

/** The value of one metric of a node; labels must match exactly; 0 if it does not show. */
export async function metric(url: string, name: string, labels = ''): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name}${labels} `));
  return Number(line?.split(' ').at(-1) ?? 0);
}
