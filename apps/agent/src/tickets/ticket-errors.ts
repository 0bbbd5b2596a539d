import { HubError } from '@ringback/contract';

export function noSuchTicket(): HubError {
  return new HubError('not-found', 'There is no such ticket.');
}

export function notFailed(): HubError {
  return new HubError('bad-request', 'Only a ticket that has failed can be retried.');
}

export function beingCarriedOut(): HubError {
  return new HubError('bad-request', 'The ticket is being carried out.');
}

export function queueFull(): HubError {
  return new HubError('too-many-commands', 'There are as many unfinished tickets as the queue holds.');
}
