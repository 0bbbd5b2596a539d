import { BlockList, isIP, isIPv6 } from 'node:net';

/** Words for ranges of addresses. */
const RANGES: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', 'fc00::/7', 'fe80::/10'],
};

/** IP addresses and ranges of them. */
export class AddressList {
  private readonly list = new BlockList();

  /** Entries are addresses, CIDR ranges, `loopback` or `private`. Throws a `RangeError` for anything else. */
  constructor(readonly entries: readonly string[]) {
    for (const entry of entries.flatMap((word) => RANGES[word] ?? [word])) this.add(entry);
  }

  has(address: string): boolean {
    return (
      this.entries.length > 0 &&
      isIP(address) !== 0 &&
      this.list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
    );
  }

  private add(entry: string): void {
    const [address = '', prefix, ...rest] = entry.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    const bits = prefix === undefined ? undefined : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Infinity;
    if (isIP(address) === 0 || rest.length > 0 || (bits ?? 0) > (family === 'ipv6' ? 128 : 32))
      throw new RangeError(`${JSON.stringify(entry)} is neither an address nor a range of them`);
    if (bits === undefined) this.list.addAddress(address, family);
    else this.list.addSubnet(address, bits, family);
  }
}

/** An address without port, brackets and zone, an IPv4 one in IPv6 as IPv4; `undefined` for what is no address. */
export function plainAddress(text: string): string | undefined {
  const [, bracketed, withPort] = /^\[(.+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(text.trim()) ?? [];
  const [address = ''] = (bracketed ?? withPort ?? text.trim()).split('%', 1);
  if (isIP(address) === 0) return undefined;
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** Whether an address is of this machine alone. */
export function isLoopback(address: string): boolean {
  return LOOPBACK.has(address);
}

const LOOPBACK = new AddressList(['loopback']);
