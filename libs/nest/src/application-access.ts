import type { EventGuid } from '@ringback/contract';
import { APPLICATION, type AccessPolicy, type Action, type Credentials, type Identity } from '@ringback/core';

/** The policy of a node, by which the application itself may do everything. */
export class ApplicationAccess implements AccessPolicy {
  constructor(private readonly policy: AccessPolicy) {}

  get isOpen(): boolean {
    return this.policy.isOpen ?? false;
  }

  authenticate(credentials: Credentials): Promise<Identity> {
    return this.policy.authenticate(credentials);
  }

  allows(identity: Identity, action: Action, eventguid?: EventGuid): boolean {
    return identity === APPLICATION || this.policy.allows(identity, action, eventguid);
  }

  allowsSubscriber(identity: Identity, subscriberId: string): boolean {
    if (identity === APPLICATION) return true;
    return this.policy.allowsSubscriber?.(identity, subscriberId) ?? true;
  }
}
