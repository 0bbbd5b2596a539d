import type { IncomingMessage } from 'node:http';
import { AddressList, plainAddress } from './address-list.js';

/** Of a request, or of a socket that nothing was read from yet: that has no headers. */
export type AddressedRequest = Pick<IncomingMessage, 'headers'> & {
  readonly socket: { readonly remoteAddress?: string | undefined };
};

const NON_PUBLIC = new AddressList(['loopback', 'private']);

const PREFIX = /^(\/[0-9A-Za-z._~-]+)+$/;

/** The proxies whose `X-Forwarded-…` headers count. What anybody else says with them is not read. */
export class TrustedProxies {
  private readonly list: AddressList;

  /** Addresses, CIDR ranges, `loopback` or `private`; default none. Throws a `RangeError` for anything else. */
  constructor(entries: readonly string[] = []) {
    this.list = new AddressList(entries);
  }

  /** The address that the request came from, through trusted proxies only; that of the peer if it is none of them. `''` if the peer has gone. */
  clientAddress(request: AddressedRequest): string {
    const forwardedFor = request.headers['x-forwarded-for'];
    let client = peerOf(request);
    for (const hop of String(forwardedFor ?? '')
      .split(',')
      .reverse()) {
      const address = this.list.has(client) ? plainAddress(hop) : undefined;
      if (address === undefined) break;
      client = address;
    }
    return client;
  }

  /** The same, where that address is known to be one client's: it is public, or a trusted proxy has named it. Else it may be that of a proxy, for many clients. */
  ownClientAddress(request: AddressedRequest): string | undefined {
    const address = this.clientAddress(request);
    const isNamed = address !== peerOf(request) && !this.list.has(address);
    return address !== '' && (isNamed || !NON_PUBLIC.has(address)) ? address : undefined;
  }

  /** The host that the client has asked for. */
  publicHost(request: AddressedRequest): string | undefined {
    return this.forwarded(request, 'x-forwarded-host').at(-1) ?? request.headers.host;
  }

  /** How the client has asked, `http` or `https`; `undefined` where no trusted proxy says so. */
  publicScheme(request: AddressedRequest): string | undefined {
    const [first = ''] = this.forwarded(request, 'x-forwarded-proto'); // nodes that forward append theirs
    const scheme = first.toLowerCase();
    return scheme === 'http' || scheme === 'https' ? scheme : undefined;
  }

  /** The path before which the proxy has put the node, such as `/apps/ring`; `''` without one. */
  publicPrefix(request: AddressedRequest): string {
    const prefix = this.forwarded(request, 'x-forwarded-prefix').at(-1)?.replace(/\/$/, '') ?? '';
    return PREFIX.test(prefix) ? prefix : '';
  }

  /** What each proxy says, the nearest last: it may have passed on what a client made up. */
  private forwarded(request: AddressedRequest, name: string): readonly string[] {
    const value = request.headers[name];
    if (value === undefined || !this.list.has(peerOf(request))) return [];
    const texts = String(value).split(',');
    return texts.map((text) => text.trim()).filter((text) => text !== '');
  }
}

function peerOf({ socket }: AddressedRequest): string {
  return plainAddress(socket.remoteAddress ?? '') ?? '';
}
