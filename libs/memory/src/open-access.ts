import type { AccessPolicy, Identity } from '@ringback/core';

const EVERYBODY: Identity = { name: 'anonymous' };

/** An access policy that lets everybody do everything, for networks where the hub need not ask. */
export class OpenAccess implements AccessPolicy {
  readonly isOpen = true;

  async authenticate(): Promise<Identity> {
    return EVERYBODY;
  }

  allows(): boolean {
    return true;
  }
}
