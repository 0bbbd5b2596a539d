/** What is wrong with a rights object, and where. Never shows what stands there. */
export class InvalidRightsError extends Error {
  override readonly name = 'InvalidRightsError';

  constructor(
    /** As `subscribe[2]` or `limits.connections`. */
    readonly place: string,
    /** As it goes on after the place. */
    readonly problem: string,
  ) {
    super(`${place} ${problem}`);
  }
}
