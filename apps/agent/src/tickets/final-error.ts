/** Why a ticket cannot be carried out however often it is tried. */
export class FinalError extends Error {
  override readonly name = 'FinalError';
}
