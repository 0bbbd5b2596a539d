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
  /** Where that depends on the event: what is answered of some; else it holds for every event. */
  readonly answers?: readonly (readonly [action: Action, eventguid: string, isAllowed: boolean])[];
  /** Durable subscribers that they may be, and some that they may not be. */
  readonly subscribers?: { readonly may: readonly string[]; readonly mayNot: readonly string[] };
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

    it.each(ACTIONS)('allows %j to those who may, and to nobody else', async (action) => {
      const eventguid = parseEventGuid('event');
      for (const { credentials, may, answers } of known) {
        const identity = await policy.authenticate(credentials);
        if (!answers) expect(policy.allows(identity, action, eventguid)).toBe(may.includes(action));
        expect(policy.allows(identity, action)).toBe(may.includes(action));
      }
    });

    it('answers of single events, and of durable subscribers, as it was told', async () => {
      for (const { credentials, answers = [], subscribers = { may: [], mayNot: [] } } of known) {
        const identity = await policy.authenticate(credentials);
        const answer = (action: Action, guid: string) =>
          policy.allows(identity, action, parseEventGuid(guid));
        expect(answers.map(([action, guid]) => [action, guid, answer(action, guid)])).toEqual(answers);
        const mayBe = (id: string) => policy.allowsSubscriber?.(identity, id) ?? true;
        expect(subscribers.may.filter((id) => !mayBe(id))).toEqual([]);
        expect(subscribers.mayNot.filter(mayBe)).toEqual([]);
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
        expect(policy.allowsSubscriber?.(stranger, 'worker') ?? false).toBe(false);
      });
    }
  });
}
