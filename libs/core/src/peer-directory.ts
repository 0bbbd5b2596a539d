import { HubError } from '@ringback/contract';
import { decodeWords, encodeWords, type Asked } from './connection-question.js';
import { livingNodeIds } from './living-nodes.js';
import type { NodeNotes } from './node-notes.js';
import type { Clock } from './ports/clock.port.js';
import type {
  ConnectionDirectory,
  ConnectionSummary,
  LocalConnections,
} from './ports/connection-directory.port.js';
import type { LeaseStore } from './ports/lease-store.port.js';
import type { Log } from './ports/log.port.js';
import { PeerAnswers, type PeerAnswer } from './peer-answers.js';

export interface PeerDirectoryPorts {
  readonly leases: Pick<LeaseStore, 'nodes'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The connections of one gateway on all nodes, which ask each other. Rejects with `relay-unavailable` if a living node does not answer in time. */
export class PeerDirectory implements ConnectionDirectory {
  private readonly answers: PeerAnswers;
  private readonly subject: string;

  constructor(
    private readonly ports: PeerDirectoryPorts,
    private readonly notes: NodeNotes,
    private readonly nodeId: string,
    private readonly gateway: string,
    private readonly local: LocalConnections,
  ) {
    this.answers = new PeerAnswers(ports.clock);
    this.subject = `connections:${gateway}`;
    notes.listen(this.subject, (from, body) => this.hear(from, body));
  }

  async find(connectionId: string): Promise<ConnectionSummary | undefined> {
    const holder = (await this.ask('find', connectionId)).find(({ found }) => found > 0);
    return holder && { connectionId, gateway: this.gateway, nodeId: holder.nodeId };
  }

  async count(): Promise<number> {
    return total(await this.ask('count', ''));
  }

  async disconnect(connectionId: string): Promise<boolean> {
    return total(await this.ask('remove', connectionId)) > 0;
  }

  private async ask(ask: Asked, connectionId: string): Promise<readonly PeerAnswer[]> {
    const mine = { nodeId: this.nodeId, found: this.found(ask, connectionId) };
    if (ask !== 'count' && mine.found > 0) return [mine];
    return [mine, ...(await this.askOthers(ask, connectionId))];
  }

  private async askOthers(ask: Asked, connectionId: string): Promise<readonly PeerAnswer[]> {
    const others = await livingNodeIds(this.ports.leases);
    others.delete(this.nodeId);
    const { id, collected } = this.answers.expect(others, ask !== 'count');
    const question = encodeWords({ id, ask, connectionId });
    for (const nodeId of others) this.notes.tell(nodeId, this.subject, question);
    const { answers, silent } = await collected;
    if (silent.length === 0) return answers;
    this.ports.log.warn('connection query timed out', { gateway: this.gateway, nodeIds: silent });
    throw new HubError('relay-unavailable', 'A node did not say in time which connections it holds.');
  }

  private hear(from: string, body: string): void {
    const words = decodeWords(body);
    if (!words) return this.ports.log.error('peer note not readable', { subject: this.subject, from });
    if ('found' in words) return this.answers.take(words.id, { nodeId: from, found: words.found });
    const found = this.found(words.ask, words.connectionId);
    this.notes.tell(from, this.subject, encodeWords({ id: words.id, found }));
  }

  private found(ask: Asked, connectionId: string): number {
    const { local } = this;
    if (ask === 'count') return local.size;
    return Number(ask === 'remove' ? local.remove(connectionId) : local.has(connectionId));
  }
}

function total(answers: readonly PeerAnswer[]): number {
  return answers.reduce((sum, { found }) => sum + found, 0);
}
