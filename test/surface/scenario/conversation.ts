import type { Section } from '../document.js';
import type { WireConnection, WireMessage } from '../wire/wire-connection.js';

/** A message, and the text that stands for it in the recording. */
export interface Spoken {
  readonly text: string;
  readonly message: WireMessage;
}

/** Records a connection, step by step. Each step waits until all that belongs to it has arrived. */
export class Conversation {
  /** What was sent and received in each step, and how the client saw the connection end. */
  readonly steps: Record<string, Section> = {};

  constructor(readonly connection: WireConnection) {}

  /** Sends, and resolves to so many messages that come of it. */
  async send(step: string, messages: readonly Spoken[], replies = 1): Promise<readonly string[]> {
    for (const { message } of messages) await this.connection.send(message);
    const received = await this.connection.queue.shift(replies);
    this.record(step, { sent: messages.map(({ text }) => text), received });
    return received;
  }

  /** Resolves to so many messages that come by themselves. */
  receive(step: string, count = 1): Promise<readonly string[]> {
    return this.send(step, [], count);
  }

  /** Sends, if anything, and waits for a message with each of the texts. Records those, and none of what comes beside them. */
  async receiveUntil(
    step: string,
    texts: readonly string[],
    messages: readonly Spoken[] = [],
  ): Promise<void> {
    for (const { message } of messages) await this.connection.send(message);
    const received: string[] = [];
    const isWanted = (message: string): boolean =>
      texts.some((text) => message.includes(text) && !received.some((other) => other.includes(text)));
    while (received.length < texts.length) {
      received.push(...(await this.connection.queue.shift(1)).filter(isWanted));
    }
    this.record(step, { sent: messages.map(({ text }) => text), received });
  }

  /** Sends, if anything, and waits until the server has ended the connection. */
  async end(step: string, messages: readonly Spoken[] = []): Promise<void> {
    for (const { message } of messages) await this.connection.send(message);
    const { received, closed } = await this.connection.queue.end();
    this.record(step, { sent: messages.map(({ text }) => text), received, closed });
  }

  record(step: string, what: Section): void {
    if (step in this.steps) throw new Error(`two steps have the name ${JSON.stringify(step)}`);
    this.steps[step] = what;
  }
}
