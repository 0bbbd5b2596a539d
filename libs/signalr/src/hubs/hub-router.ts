import type {
  Backplane,
  BackplaneMessage,
  InvokeBetweenNodes,
  NodeAnswer,
  SendBetweenNodes,
} from './backplane.js';
import type { HubConnection } from './hub-connection.js';
import { HubException, noSuchConnection } from './hub-errors.js';
import { reportFailure } from './hub-log.js';
import type { HubOptions } from './hub-options.js';
import { LocalConnections } from './local-connections.js';
import { NodeRequests } from './node-requests.js';
import { prepareSend, ReadyPayloads, type PreparedMessage } from './prepared-message.js';
import type { SendTarget } from './send-target.js';

/** Which hub of which node this is. */
export interface HubAddress {
  readonly hub: string;
  readonly from: string;
}

type Outbound<Message> = Message extends BackplaneMessage ? Omit<Message, keyof HubAddress> : never;

/** Brings what one hub sends to its connections, those of other nodes included. */
export class HubRouter {
  readonly local = new LocalConnections();
  private readonly requests: NodeRequests;

  constructor(
    private readonly address: HubAddress,
    private readonly backplane: Backplane,
    private readonly options: HubOptions,
  ) {
    const { timers, nodeAnswerTimeoutMs, clientResultTimeoutMs } = options;
    this.requests = new NodeRequests(timers, {
      acceptMs: nodeAnswerTimeoutMs,
      answerMs: clientResultTimeoutMs + nodeAnswerTimeoutMs,
    });
  }

  /** Resolves once every receiver here has room for more and the other nodes have been told. Rejects when somebody could not be reached. */
  async send(to: SendTarget, target: string, args: readonly unknown[]): Promise<void> {
    await this.sendPrepared(to, prepareSend(target, args));
  }

  /** The same, for a message that may be prepared already. */
  async sendPrepared(to: SendTarget, message: PreparedMessage): Promise<void> {
    const elsewhere = this.backplane.alone ? undefined : this.elsewhere(to);
    const told = elsewhere === undefined ? undefined : this.publishSend(elsewhere, message);
    await Promise.all([told, this.sendLocal(to, message)]);
  }

  /** Asks one client, wherever it is. */
  async invoke(connectionId: string, target: string, args: readonly unknown[]): Promise<unknown> {
    const connection = this.local.get(connectionId);
    if (connection !== undefined) return connection.invoke(target, args);
    const unknown = noSuchConnection(connectionId);
    if (this.backplane.alone) throw unknown;
    return this.requests.ask(
      (requestId) => this.publish({ type: 'invoke', requestId, connectionId, target, args }),
      unknown,
    );
  }

  /** False when no node has the connection. */
  async setMember(connectionId: string, group: string, member: boolean): Promise<boolean> {
    if (this.local.setMember(connectionId, group, member)) return true;
    if (this.backplane.alone) return false;
    const unknown = noSuchConnection(connectionId);
    try {
      await this.requests.ask(
        (requestId) => this.publish({ type: 'membership', requestId, connectionId, group, member }),
        unknown,
      );
      return true;
    } catch (error) {
      if (error === unknown) return false;
      throw error;
    }
  }

  /** What another node says. Never throws. */
  receive(message: BackplaneMessage): void {
    this.reportLost(message.type, this.handle(message));
  }

  close(): void {
    this.requests.close();
  }

  private async handle(message: BackplaneMessage): Promise<void> {
    switch (message.type) {
      case 'send':
        return this.sendLocal(message.to, new ReadyPayloads(new Map(message.payloads)));
      case 'invoke':
        return this.invokeFor(message);
      case 'membership':
        if (!this.local.setMember(message.connectionId, message.group, message.member)) return undefined;
        return this.answer(message.from, message.requestId, { kind: 'result', result: null });
      case 'answer':
        if (message.to === this.address.from) this.requests.answered(message.requestId, message.answer);
    }
  }

  private async invokeFor({
    from,
    requestId,
    connectionId,
    target,
    args,
  }: InvokeBetweenNodes): Promise<void> {
    const connection = this.local.get(connectionId);
    if (connection === undefined) return;
    const result = connection
      .invoke(target, args)
      .then((result): NodeAnswer => ({ kind: 'result', result }), failureOf);
    const accepted = this.answer(from, requestId, { kind: 'accepted' });
    this.reportLost('answer', accepted); // the result may still get through
    const answer = await result;
    try {
      await this.answer(from, requestId, answer);
    } catch (error) {
      await this.answer(from, requestId, failureOf(error)); // a result that is too long, say
    }
  }

  private async sendLocal(to: SendTarget, message: PreparedMessage): Promise<void> {
    const waits: Promise<void>[] = [];
    const failures: unknown[] = [];
    let receivers = 0;
    for (const connection of this.local.receivers(to)) {
      receivers += 1;
      this.sendTo(connection, message, waits, failures);
    }
    this.options.metrics.sent(receivers);
    if (waits.length > 0) await Promise.all(waits);
    if (failures.length > 0) throw failures[0];
  }

  // One that cannot be written to must not keep the message from those after it.
  private sendTo(
    connection: HubConnection,
    message: PreparedMessage,
    waits: Promise<void>[],
    failures: unknown[],
  ): void {
    try {
      const wait = connection.sendPrepared(message);
      if (wait !== undefined) waits.push(wait);
    } catch (error) {
      failures.push(error);
    }
  }

  /** Whom other nodes may have to send to; undefined when all are here. */
  private elsewhere(to: SendTarget): SendTarget | undefined {
    if (to.kind !== 'connections') return to;
    const ids = to.ids.filter((id) => this.local.get(id) === undefined);
    return ids.length === 0 ? undefined : { ...to, ids };
  }

  private async publishSend(to: SendTarget, message: PreparedMessage): Promise<void> {
    const payloads: SendBetweenNodes['payloads'] = this.options.protocols.map((protocol) => [
      protocol.name,
      message.payload(protocol),
    ]);
    await this.publish({ type: 'send', to, payloads });
  }

  private reportLost(type: BackplaneMessage['type'], promise: Promise<void>): void {
    reportFailure(this.options.log, 'hub message of another node failed', { type }, promise);
  }

  private answer(to: string, requestId: string, answer: NodeAnswer): Promise<void> {
    return this.publish({ type: 'answer', to, requestId, answer });
  }

  private publish(message: Outbound<BackplaneMessage>): Promise<void> {
    return this.backplane.publish({ ...this.address, ...message });
  }
}

const failureOf = (error: unknown): NodeAnswer => ({
  kind: error instanceof HubException ? 'error' : 'failure',
  error: error instanceof Error ? error.message : String(error),
});
