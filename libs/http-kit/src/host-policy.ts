import { HubError } from '@ringback/contract';
import { isLoopback, plainAddress } from './address-list.js';

/** Host names, `*.example.com` for all below one; `*` for all. */
export type AllowedHosts = '*' | readonly string[];

export interface HostPolicyOptions {
  /** The names beside the loopback ones. Default: any, but none for a server that listens on loopback alone. */
  readonly allowed?: AllowedHosts | undefined;
  /** The server's own names. */
  readonly own?: readonly string[];
  /** The address that the server is bound to. */
  readonly boundTo?: () => string | undefined;
}

/** What load balancers and monitoring ask for, by whatever address they know. */
const EXEMPT = /^\/(health(\/|$)|metrics$)/;

/** Under which names a server may be asked for. A page whose own name has been made to lead here (DNS rebinding) would pass for a page of the server. */
export class HostPolicy {
  private readonly allowed: AllowedHosts | undefined;
  private readonly own: readonly string[];
  private isOpen: boolean | undefined;

  constructor(private readonly options: HostPolicyOptions = {}) {
    const { allowed, own = [] } = options;
    this.allowed = typeof allowed === 'object' ? allowed.map(hostname) : allowed;
    this.own = own.map(hostname);
  }

  /** What a request for this host is refused with. Only browsers rebind, and they name a host. */
  refusal(host: string | undefined, path: string): HubError | undefined {
    this.isOpen ??= this.allowsAll();
    if (this.isOpen || host === undefined || EXEMPT.test(path) || this.allows(hostname(host)))
      return undefined;
    return new HubError(
      'misdirected-request',
      `The node is not served as ${JSON.stringify(hostname(host).slice(0, 255))}: allow the host at the node if it should be.`,
    );
  }

  private allowsAll(): boolean {
    if (this.allowed !== undefined) return this.allowed === '*';
    return !isLoopback(plainAddress(this.options.boundTo?.() ?? '') ?? '');
  }

  private allows(name: string): boolean {
    const allowed = typeof this.allowed === 'object' ? this.allowed : [];
    return isLoopbackName(name) || [...this.own, ...allowed].some((pattern) => matches(pattern, name));
  }
}

/** In small letters, without port, brackets and the dot of the root. */
function hostname(host: string): string {
  return (plainAddress(host) ?? host.replace(/:\d*$/, '').replace(/\.$/, '')).toLowerCase();
}

/** No name server has a say in these. */
function isLoopbackName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || isLoopback(name);
}

function matches(pattern: string, name: string): boolean {
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern;
}
