import { expect } from '@jest/globals';
import type { ErrorCode } from '@ringback/contract';
import type { GatewayCapabilities } from './gateway-harness.js';

/** Expects that what a client attempts is refused, with the code where the protocol tells codes. */
export function refusals(can: GatewayCapabilities) {
  return async (attempt: Promise<unknown>, code: ErrorCode): Promise<void> => {
    const refusal: unknown = await attempt.then(
      () => 'accepted',
      (error: unknown) => error,
    );
    expect(refusal).not.toBe('accepted');
    if (can.codes) expect(refusal).toMatchObject({ code });
  };
}
