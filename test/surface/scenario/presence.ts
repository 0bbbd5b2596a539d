import type { Section } from '../document.js';
import { METHODS } from '../names.js';
import type { CommandClient, Dialect } from './command-client.js';

const ACCEPTED = '"ok":true';
const [SNAPSHOT, JOIN, LEAVE] = ['"kind":"snapshot"', '"kind":"join"', '"kind":"leave"'] as const;

/**
 * Two members of an event. Presence is best effort: whether a member sees itself come differs from time to time, so that only what each step is about is
 * recorded.
 */
export async function recordPresence(url: string, dialect: Dialect): Promise<Section> {
  const event = `ev-${dialect.name}-presence`;
  const [one, other] = [await dialect.connect(url), await dialect.connect(url)];
  await join(one, event);
  await join(other, event);
  await one.conversation.receiveUntil('a member joins', [JOIN]);
  await other.callUntil('unsubscribe', METHODS.unsubscribe, [event], [ACCEPTED]);
  await one.conversation.receiveUntil('a member leaves', [LEAVE]);
  for (const { conversation } of [one, other]) await conversation.connection.close();
  return one.conversation.steps;
}

/** Resolves once the member has been told who is there. */
export async function join(client: CommandClient, event: string): Promise<void> {
  const args = [event, 'row 7', { presence: true }];
  await client.callUntil('subscribe with presence', METHODS.subscribe, args, [ACCEPTED, SNAPSHOT]);
}
