import type { Published } from '@ringback/contract';

/** How long the answer to a trigger with a key is remembered. */
export const KEY_WINDOW_MS = 5 * 60 * 1000;

/** An answer, and when it was given. */
interface Answer {
  readonly published: Published;
  readonly givenAt: number;
}

/** The answers to the triggers of one event that had an idempotency key. */
export class RememberedAnswers {
  /** Oldest first: a key is set once, and time does not go back. */
  private readonly answers = new Map<string, Answer>();

  get(key: string, now: number): Published | undefined {
    this.forgetOld(now);
    return this.answers.get(key)?.published;
  }

  set(key: string, published: Published, now: number): void {
    this.answers.set(key, { published, givenAt: now });
  }

  forgetOld(now: number): void {
    for (const [key, { givenAt }] of this.answers) {
      if (now - givenAt < KEY_WINDOW_MS) return;
      this.answers.delete(key);
    }
  }
}
