import type { Away, StockMember } from './stock-member.js';

/** Triggers whose data is their number, held against what clients have heard of them. */
export class Losses {
  /** How long the slowest delivery took, from when its trigger was sent, among those that were not made up for later. */
  readonly slowestMs: number;

  constructor(
    /** When each trigger was sent, by its number. */
    private readonly sentAt: readonly number[],
    private readonly members: readonly StockMember[],
  ) {
    const heard = members.filter(({ continues }) => !continues).flatMap((member) => member.heard);
    this.slowestMs = Math.max(...heard.map(({ data, at }) => at - (sentAt[Number(data)] ?? at)));
  }

  /** Numbers of the triggers that it has not heard of. */
  missedBy({ heard }: StockMember): number[] {
    const all = new Set(heard.map(({ data }) => data));
    return [...this.sentAt.keys()].filter((number) => !all.has(String(number)));
  }

  /**
   * Those of them that were not sent while it was away. It notices its end after the hub has ended its subscription: by no more than the slowest delivery took,
   * which goes the same way.
   */
  unexplained(member: StockMember): number[] {
    const aways = member.aways.map(({ from, to }) => ({ from: from - this.slowestMs, to }));
    const meanwhile = new Set(this.sentDuring(aways));
    return this.missedBy(member).filter((number) => !meanwhile.has(number));
  }

  doubledAt({ heard }: StockMember): number {
    return heard.length - new Set(heard.map(({ data }) => data)).size;
  }

  /** What became of the clients, a line for each kind. */
  report(): string {
    const kinds = [...new Set(this.members.map(({ kind }) => kind))];
    const lines = kinds.map((kind) => this.line(kind));
    const slowest = `the slowest delivery took ${this.slowestMs.toFixed()} ms`;
    return [`${this.sentAt.length} triggers; ${slowest}`, ...lines].join('\n');
  }

  private line(kind: string): string {
    const members = this.members.filter((member) => member.kind === kind);
    const aways = members.flatMap((member) => member.aways);
    const longest = Math.max(0, ...aways.map(({ from, to }) => to - from));
    const silent = sum(members, (member) => member.silent.length);
    const away = `away ${aways.length} times, ${silent} without a word, at most ${longest.toFixed()} ms`;
    const meanwhile = sum(members, (member) => this.sentDuring(member.aways).length);
    const missed = sum(members, (member) => this.missedBy(member).length);
    const doubled = sum(members, (member) => this.doubledAt(member));
    return `${members.length} ${kind}: ${away}, ${meanwhile} triggers meanwhile; missed ${missed}, doubled ${doubled}`;
  }

  private sentDuring(aways: readonly Away[]): number[] {
    const numbers = [...this.sentAt.keys()];
    return numbers.filter((number) => {
      const at = this.sentAt[number] ?? 0;
      return aways.some(({ from, to }) => from <= at && at < to);
    });
  }
}

function sum(members: readonly StockMember[], count: (member: StockMember) => number): number {
  return members.reduce((total, member) => total + count(member), 0);
}
