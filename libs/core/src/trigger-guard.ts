import type { Published, Trigger } from '@ringback/contract';

/** Answers some triggers itself, so that they are not published. */
export interface TriggerGuard {
  /** Whether it has to be asked about this trigger. Called for every trigger, so it must be quick. */
  concerns(trigger: Trigger): boolean;
  /**
   * What a trigger that concerns it is answered with instead of being published; `undefined` lets it pass. Rejects with a coded
   * error to refuse it.
   */
  answer(trigger: Trigger): Promise<Published | undefined>;
}

/** The first answer of those guards, which are asked one after the other. */
export async function askGuards(
  guards: readonly TriggerGuard[],
  trigger: Trigger,
): Promise<Published | undefined> {
  for (const guard of guards) {
    const answer = await guard.answer(trigger);
    if (answer) return answer;
  }
  return undefined;
}
