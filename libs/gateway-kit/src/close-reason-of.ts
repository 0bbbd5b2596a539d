import { CLOSE_REASONS, type CloseReason, type HubError } from '@ringback/contract';

/** Why a client is closed that the hub did not take in; `undefined` where the error itself is what it has to be told. */
export function closeReasonOf({ code }: Pick<HubError, 'code'>): CloseReason | undefined {
  return code === 'too-many-connections' || code === 'draining' ? CLOSE_REASONS[code] : undefined;
}
