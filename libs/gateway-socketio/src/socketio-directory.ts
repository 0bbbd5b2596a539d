import { withTimeout } from '@ringback/async';
import { HubError } from '@ringback/contract';
import type { ConnectionDirectory, ConnectionSummary } from '@ringback/core';
import { GATEWAY } from './socketio.connection.js';
import type { HubServer } from './socketio.server.js';

/** The connections of this node. */
export interface LocalConnections {
  readonly size: number;
  has(connectionId: string): boolean;
  /** Closes it with `closed-by-operator`; whether there was one. */
  remove(connectionId: string): boolean;
}

/** What the nodes ask each other. */
type Question = 'count' | 'find' | 'remove';

/** How many connections a node has found. */
interface Answer {
  readonly nodeId: string;
  readonly found: number;
}

const QUESTION = 'ringback:connections';
const DEADLINE_MS = 2_000;

/**
 * The connections on all nodes, asked for through the cluster adapter. Not by `fetchSockets`: it hands the whole handshake
 * around, tokens included.
 */
export class SocketIoDirectory implements ConnectionDirectory {
  constructor(
    private readonly io: HubServer,
    private readonly nodeId: string,
    private readonly local: LocalConnections,
  ) {
    // Emitted by the adapter on the other nodes only.
    io.on(QUESTION, (question: Question, connectionId: string, reply: (answer: Answer) => void) => {
      reply(this.answer(question, connectionId));
    });
  }

  async find(connectionId: string): Promise<ConnectionSummary | undefined> {
    const holder = (await this.ask('find', connectionId)).find(({ found }) => found > 0);
    return holder && { connectionId, gateway: GATEWAY, nodeId: holder.nodeId };
  }

  async count(): Promise<number> {
    return total(await this.ask('count'));
  }

  async disconnect(connectionId: string): Promise<boolean> {
    return total(await this.ask('remove', connectionId)) > 0;
  }

  private async ask(question: Question, connectionId = ''): Promise<readonly Answer[]> {
    const mine = this.answer(question, connectionId);
    if (question !== 'count' && mine.found > 0) return [mine];
    return [mine, ...(await this.askOthers(question, connectionId))];
  }

  private answer(question: Question, connectionId: string): Answer {
    return { nodeId: this.nodeId, found: this.found(question, connectionId) };
  }

  private found(question: Question, connectionId: string): number {
    const { local } = this;
    if (question === 'count') return local.size;
    return Number(question === 'remove' ? local.remove(connectionId) : local.has(connectionId));
  }

  private async askOthers(question: Question, connectionId: string): Promise<readonly Answer[]> {
    try {
      return await withTimeout(this.emitToOthers(question, connectionId), DEADLINE_MS, deadlineError);
    } catch (error) {
      throw new HubError('relay-unavailable', 'A node did not say in time which connections it holds.', {
        cause: error,
      });
    }
  }

  private async emitToOthers(question: Question, connectionId: string): Promise<readonly Answer[]> {
    const { adapter } = this.io.of('/');
    if ((await adapter.serverCount()) <= 1) return []; // the adapter in memory cannot ask, and need not
    return new Promise((resolve, reject) => {
      const acknowledge = (error: Error | null, answers: readonly Answer[]) =>
        error ? reject(error) : resolve(answers);
      // By the adapter itself: Namespace.serverSideEmit lets its rejection float, which would end the process.
      const emitted: unknown = adapter.serverSideEmit([QUESTION, question, connectionId, acknowledge]);
      Promise.resolve(emitted).catch(reject);
    });
  }
}

function total(answers: readonly Answer[]): number {
  return answers.reduce((sum, { found }) => sum + found, 0);
}

function deadlineError(): Error {
  return new Error('The deadline has passed.');
}
