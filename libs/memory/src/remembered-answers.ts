import { utf8Bytes, type Published } from '@ringback/contract';
import type { MemoryBudget } from './memory-budget.js';

/** How long the answer to a trigger with a key is remembered. */
export const KEY_WINDOW_MS = 5 * 60 * 1000;

/** What an answer takes beside its key. */
const ANSWER_BYTES = 384;

/** An answer, and when it was given. */
interface Answer {
  readonly published: Published;
  readonly givenAt: number;
}

/** The answers to the triggers of one event that had an idempotency key. */
export class RememberedAnswers {
  /** Oldest first: a key is set once, and time does not go back. */
  private readonly answers = new Map<string, Answer>();

  constructor(private readonly budget: MemoryBudget) {}

  get(key: string, now: number): Published | undefined {
    this.forgetOld(now);
    return this.answers.get(key)?.published;
  }

  set(key: string, published: Published, now: number): void {
    this.answers.set(key, { published, givenAt: now });
    this.budget.addKeys(bytesOf(key));
  }

  forgetOld(now: number): void {
    for (const [key, { givenAt }] of this.answers) {
      if (now - givenAt < KEY_WINDOW_MS) return;
      this.answers.delete(key);
      this.budget.addKeys(-bytesOf(key));
    }
  }
}

function bytesOf(key: string): number {
  return ANSWER_BYTES + utf8Bytes(key);
}
