import { Inject, Injectable } from '@nestjs/common';
import type { EventGuid } from '@ringback/contract';
import { Hub, type Identity } from '@ringback/core';
import { AccessLog, type AddressedRequest } from '@ringback/http-kit';

/** What operators do, each act with its line in the access log, whether it succeeds or not. */
@Injectable()
export class OperatorActs {
  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(AccessLog) private readonly access: AccessLog,
  ) {}

  closeConnection(identity: Identity, request: AddressedRequest, connectionId: string): Promise<void> {
    return this.access.operate('close-connection', { identity, request, connectionId }, () =>
      this.hub.operator.disconnect(identity, connectionId),
    );
  }

  endSubscription(
    identity: Identity,
    request: AddressedRequest,
    eventguid: EventGuid,
    subscriber: string,
  ): Promise<void> {
    return this.access.operate('end-subscription', { identity, request, eventguid, subscriber }, () =>
      this.hub.operator.removeSubscription(identity, eventguid, subscriber),
    );
  }
}
