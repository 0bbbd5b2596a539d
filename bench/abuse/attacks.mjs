// What is done to a hub, each by its name.
import { admissionAttacks } from './attacks/admission.mjs';
import { commandAttacks } from './attacks/commands.mjs';
import { transportAttacks } from './attacks/transports.mjs';

/**
 * @typedef {object} Attack
 * @property {string} what
 * @property {boolean} [isAnonymous] whether it shows no token
 * @property {boolean} [needsTokens] whether it says something only where there is access control
 * @property {(target: import('./attacker.mjs').Target) => Promise<unknown>} [prepare] what comes before, unwatched
 * @property {(target: import('./attacker.mjs').Target) => Promise<unknown>} run until the signal of the target aborts
 */

/** @type {Readonly<Record<string, Attack>>} */
export const attacks = { ...commandAttacks, ...admissionAttacks, ...transportAttacks };
