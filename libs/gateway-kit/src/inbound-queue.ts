import { CLOSE_REASONS, type CloseReason, type ErrorCode } from '@ringback/contract';
import type { Identity } from '@ringback/core';
import { ClientConduct } from './client-conduct.js';
import type { InboundNode, Watched } from './inbound-node.js';
import { ReadGate, type InboundSource } from './read-gate.js';
import { StartedBytes } from './started-bytes.js';
import { TokenBucket } from './token-bucket.js';
import type { TurnTaker } from './turn-scheduler.js';

/** Does the next part of what was received; `true` if there is more of it. Must not throw. */
export type InboundWork = () => boolean | void;

interface Received {
  readonly bytes: number;
  readonly work: InboundWork;
}

/** So many places of a queue that were used are given back at once. */
const COMPACT_AT = 1_024;

/**
 * What one client has sent and nobody has worked on yet, in order. A client that sends more than its share is not read from until that is done: nothing
 * of it is refused, and the others do not notice. What had been read by then waits here, at most what came in one piece.
 */
export class InboundQueue implements TurnTaker, Watched {
  private received: Received[] = [];
  private first = 0;
  private receivedBytes = 0;
  private unanswered = 0;
  /** In the turn that `turn` names. */
  private steps = 0;
  private turn = 0;
  /** Of these, those whose command may still begin. */
  private beginning = 0;
  private unreadSince = 0;
  private isAdmitted = false;
  private hasExceeded = false;
  private isAdvancing = false;
  private state: 'open' | 'finishing' | 'closed' = 'open';
  private bucket: TokenBucket | undefined;
  private onFinished: (() => void) | undefined;
  private onExcess: ((reason: CloseReason) => void) | undefined;
  private readonly openedAt: number;
  private readonly started = new StartedBytes();
  private readonly gate: ReadGate;
  private readonly conduct: ClientConduct;

  /** See `InboundControl.open`. */
  constructor(
    private readonly node: InboundNode,
    private readonly source: InboundSource,
  ) {
    this.openedAt = node.now();
    this.gate = new ReadGate(source, node.hub);
    this.conduct = new ClientConduct(node.hub.limits, node.now);
    this.bucket = this.bucketOf();
  }

  /** Bytes that wait. */
  get waitingBytes(): number {
    return this.receivedBytes;
  }

  get isPaused(): boolean {
    return this.gate.isPaused;
  }

  /** Who closes the client, if it goes too far. */
  onTooMuch(close: (reason: CloseReason) => void): void {
    this.onExcess = close;
  }

  /** From now on it sends as whoever that is, and what counts are its commands, see `begin`. */
  admit(identity: Identity): void {
    this.isAdmitted = true;
    this.bucket = this.bucketOf(identity);
  }

  /** Does the work of what has been received: at once if nothing waits and the client has not had its share, else in its turn. */
  add(bytes: number, work: InboundWork): void {
    if (this.state === 'closed') return;
    this.beginTurn();
    if (this.isEmpty && !this.isAdvancing && this.mayStart && !this.run(bytes, work)) return this.advance();
    this.received.push({ bytes, work });
    this.receivedBytes += bytes;
    this.advance();
  }

  /** A command begins. Acknowledgements are free. */
  begin(isFree = false): void {
    this.unanswered += 1;
    if (this.beginning > 0) this.beginning -= 1;
    if (!isFree) this.bucket?.spend();
  }

  /** It is about to be answered, and how if that is with an error. */
  end(error?: ErrorCode): void {
    this.unanswered -= 1;
    if (this.unanswered > 0) this.node.replies.hold(this.source); // more replies may come at once
    if (error !== undefined) this.fail(error);
    this.started.trim(this.unanswered);
    if (this.source.bufferedBytes > this.node.hub.limits.unreadReplyBytes) this.onUnread();
    if (!this.isIdle) this.advance();
  }

  /** What is sent now is no reply, and goes out at once, after the replies before it. */
  releaseReplies(): void {
    this.node.replies.release(this.source);
  }

  /** What came was no command at all, or none that could be begun. */
  fail(error: ErrorCode): void {
    this.exceed(this.conduct.onError(error));
  }

  /** An attempt to connect was refused. */
  refuse(): void {
    this.exceed(this.conduct.onRefused());
  }

  /** No more will come. What waits is still done, in turns; `onFinished` is called after it, at once if nothing waits. */
  finish(onFinished: () => void): void {
    if (this.state !== 'open') return;
    this.countIfTooLate();
    this.state = 'finishing';
    this.onFinished = onFinished;
    this.gate.open();
    this.advance();
  }

  /** Nothing that waits is done any more. */
  close(): void {
    this.state = 'closed';
    this.clear();
    this.node.scheduler.remove(this);
    this.gate.open();
  }

  takeTurn(): void {
    this.beginTurn();
    this.advance();
  }

  /** Called now and then while it is paused; answers whether it still is. */
  check(): boolean {
    if (!this.isPaused) return false;
    this.beginning = 0;
    const { unreadReplyBytes, unreadReplyMs } = this.node.hub.limits;
    this.source.keepAlive?.();
    if (this.source.bufferedBytes <= unreadReplyBytes / 2) this.gate.set('unread', false);
    else if (this.gate.has('unread') && this.node.now() - this.unreadSince >= unreadReplyMs)
      this.exceed(CLOSE_REASONS['replies-unread']);
    this.advance();
    return this.isPaused;
  }

  /** Who does not say in time who it is, is closed by the server of its protocol. */
  private countIfTooLate(): void {
    const { now, hub } = this.node;
    if (this.isAdmitted || this.hasExceeded || now() - this.openedAt < hub.limits.connectTimeoutMs) return;
    hub.onInboundExceeded(this.source.gateway, CLOSE_REASONS['connect-timeout']);
  }

  /** Nothing waits for anything. */
  private get isIdle(): boolean {
    return this.isEmpty && this.state === 'open' && !this.gate.isPaused;
  }

  private get isEmpty(): boolean {
    return this.first === this.received.length;
  }

  private get isWaitingForTurn(): boolean {
    const { scheduler } = this.node;
    return scheduler.isOver || this.steps >= scheduler.share || this.beginning > 0;
  }

  private get underWay(): number {
    return this.unanswered + this.beginning;
  }

  /** What it has begun in an earlier turn counts no more as beginning. */
  private beginTurn(): void {
    const { turn } = this.node.scheduler;
    if (this.turn === turn) return;
    this.turn = turn;
    this.steps = 0;
    this.beginning = 0;
    this.started.trim(this.unanswered);
  }

  private get mayStart(): boolean {
    const { scheduler, hub } = this.node;
    if (scheduler.isOver || this.steps >= scheduler.share) return false;
    const { commandsPerConnection, commandBytesPerConnection } = hub.limits;
    if (this.underWay >= commandsPerConnection) return false;
    if (this.started.total >= commandBytesPerConnection) return false;
    return this.state === 'finishing' || !(this.gate.has('unread') || this.bucket?.isEmpty);
  }

  private advance(): void {
    if (this.isAdvancing) return;
    while (!this.isEmpty && this.mayStart) this.step();
    if (!this.isEmpty && this.isWaitingForTurn) this.node.scheduler.add(this);
    if (this.state === 'open') this.updateReading();
    else if (this.state === 'finishing' && this.isEmpty) this.onEmpty();
  }

  private step(): void {
    const { bytes, work } = this.received[this.first] as Received;
    if (this.run(bytes, work) || this.state === 'closed') return;
    this.receivedBytes -= bytes;
    this.first += 1;
    if (this.isEmpty) this.clear();
    else if (this.first >= COMPACT_AT) this.compact();
  }

  /** Answers whether there is more of it. */
  private run(bytes: number, work: InboundWork): boolean {
    this.node.scheduler.spend();
    this.steps += 1;
    this.beginning += 1;
    if (!this.isAdmitted) this.bucket?.spend();
    this.isAdvancing = true;
    const hasMore = work() === true;
    this.isAdvancing = false;
    this.started.push(hasMore ? 0 : bytes);
    return hasMore;
  }

  private updateReading(): void {
    const { commandsPerConnection, commandBytesPerConnection } = this.node.hub.limits;
    const commands = this.received.length - this.first + this.unanswered;
    const bytes = this.receivedBytes + this.started.total;
    const used = Math.max(commands / commandsPerConnection, bytes / commandBytesPerConnection);
    if (used < 1 && !this.bucket && !this.isPaused) return;
    this.gate.set('window', used >= 1 || (used > 1 / 2 && this.gate.has('window')));
    this.gate.set('rate', this.bucket?.isEmpty ?? false);
    if (this.isPaused) this.node.watch(this);
  }

  private onUnread(): void {
    if (this.state !== 'open' || this.gate.has('unread')) return;
    this.unreadSince = this.node.now();
    this.gate.set('unread', true);
  }

  private onEmpty(): void {
    const { onFinished } = this;
    this.close();
    this.onFinished = undefined;
    onFinished?.();
  }

  private compact(): void {
    this.received = this.received.slice(this.first);
    this.first = 0;
  }

  private clear(): void {
    this.received = [];
    this.first = 0;
    this.receivedBytes = 0;
  }

  private exceed(reason: CloseReason | undefined): void {
    if (!reason || this.state !== 'open' || this.hasExceeded) return;
    this.hasExceeded = true;
    this.node.hub.onInboundExceeded(this.source.gateway, reason);
    this.onExcess?.(reason);
  }

  private bucketOf(identity?: Identity): TokenBucket | undefined {
    const rate = this.node.hub.commandRate(identity);
    return rate && new TokenBucket(rate, this.node.now);
  }
}
