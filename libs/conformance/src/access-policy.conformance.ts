import { describe, expect, it } from '@jest/globals';
import { parseEventGuid } from '@ringback/contract';
import {
  EVENT_ACTIONS,
  OPERATOR_ACTIONS,
  type AccessPolicy,
  type Action,
  type Credentials,
} from '@ringback/core';

const ACTIONS: readonly Action[] = [...EVENT_ACTIONS, ...OPERATOR_ACTIONS];

/** Somebody whom the policy under test knows, and all that they may do. */
export interface KnownIdentity {
  readonly credentials: Credentials;
  readonly name: string;
  readonly may: readonly Action[];
}

/** A policy, whom it knows, and whom it does not. */
export interface AccessPolicySample {
  readonly policy: AccessPolicy;
  readonly known: readonly KnownIdentity[];
  /** Credentials that are not good; none where everybody is let in. */
  readonly unknown: readonly Credentials[];
}

/** What every adapter of the port `AccessPolicy` has to do. */
export function describeAccessPolicy(name: string, { policy, known, unknown }: AccessPolicySample): void {
  describe(`${name} as an access policy`, () => {
    it('authenticates everybody it knows by their own name', async () => {
      for (const { credentials, name } of known) {
        expect(await policy.authenticate(credentials)).toMatchObject({ name });
      }
    });

    it('answers the same credentials with the same identity', async () => {
      for (const { credentials } of known) {
        expect(await policy.authenticate(credentials)).toEqual(await policy.authenticate({ ...credentials }));
      }
    });

    it.each(ACTIONS)('allows %j to those who may, of every event, and to nobody else', async (action) => {
      const eventguid = parseEventGuid('event');
      for (const { credentials, may } of known) {
        const identity = await policy.authenticate(credentials);
        expect(policy.allows(identity, action, eventguid)).toBe(may.includes(action));
        expect(policy.allows(identity, action)).toBe(may.includes(action));
      }
    });

    if (unknown.length > 0) {
      it('rejects credentials that are not good as unauthorized, and does not repeat them', async () => {
        for (const credentials of unknown) {
          const refusal: unknown = await policy.authenticate(credentials).catch((error: unknown) => error);
          expect(refusal).toMatchObject({ code: 'unauthorized' });
          if (credentials.token) expect(String(refusal)).not.toContain(credentials.token);
        }
      });

      it('allows nothing to an identity that it has not authenticated', () => {
        const stranger = { name: 'a stranger' };
        for (const action of ACTIONS) expect(policy.allows(stranger, action)).toBe(false);
      });
    }
  });
}
