import { CLIENT_METHODS, CLOSE_REASONS, ERROR_CODES, mayReconnect, METHODS } from '@ringback/contract';
import type { Section } from '../document.js';

/** The tables of the contract: what programs decide by. */
export function recordCodes(): Section {
  return {
    errorCodes: Object.fromEntries(
      Object.entries(ERROR_CODES).map(([code, { temporary }]) => [code, { temporary }]),
    ),
    closeReasons: Object.fromEntries(
      Object.values(CLOSE_REASONS).map((reason) => [
        reason.name,
        { code: reason.code, reconnect: mayReconnect(reason) },
      ]),
    ),
    methods: { server: Object.values(METHODS), client: Object.values(CLIENT_METHODS) },
  };
}
