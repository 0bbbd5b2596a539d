import { HubError, type EventGuid } from '@ringback/contract';
import { isNamed, type LeaseId } from '@ringback/core';

/** How many sorted sets share the index of events. */
export const EVENT_SHARDS = 64;

const UNSAFE = /[%{}\p{Cc}]/gu;

/** Every key and channel name of the project. All names of one event share its hash tag, and with it one slot. */
export class RedisKeys {
  readonly nodes: string;
  /** The sessions that are away, by when they end. */
  readonly away: string;
  /** The secret that the nodes share. */
  readonly clusterKey: string;
  /** The number of the format in which everything else is stored. */
  readonly format: string;

  constructor(readonly prefix: string) {
    if (prefix === '' || /[{}]/.test(prefix)) {
      throw new HubError('internal', 'The Redis prefix is empty or holds braces.');
    }
    this.nodes = `${prefix}:nodes`;
    this.away = `${prefix}:sessions:away`;
    this.clusterKey = `${prefix}:cluster-key`;
    this.format = `${prefix}:format`;
  }

  channel(eventguid: EventGuid): string {
    return `${this.prefix}:{${encodeName(eventguid)}}`;
  }

  meta(eventguid: EventGuid): string {
    return `${this.channel(eventguid)}:meta`;
  }

  log(eventguid: EventGuid): string {
    return `${this.channel(eventguid)}:log`;
  }

  subs(eventguid: EventGuid): string {
    return `${this.channel(eventguid)}:subs`;
  }

  named(eventguid: EventGuid): string {
    return `${this.channel(eventguid)}:named`;
  }

  /** Where the subscription of this subscriber stands. */
  standing(eventguid: EventGuid, subscriber: string): string {
    return isNamed(subscriber) ? this.named(eventguid) : this.subs(eventguid);
  }

  /** The subscribers that take part in presence. */
  present(eventguid: EventGuid): string {
    return `${this.channel(eventguid)}:present`;
  }

  /** The base of the names of the cuts, each `<base>:<offset>`: scripts make those. */
  cuts(eventguid: EventGuid): string {
    return `${this.channel(eventguid)}:cut`;
  }

  idempotency(eventguid: EventGuid, key: string): string {
    return `${this.channel(eventguid)}:key:${key}`;
  }

  session(subscriber: string): string {
    return `${this.prefix}:session:${encodeName(subscriber)}`;
  }

  /** How many bytes each durable session of an identity keeps, in a slot of its own. */
  identity(name: string): string {
    return `${this.prefix}:identity:${encodeName(name)}`;
  }

  /** Who holds a claim. */
  claim(name: string): string {
    return `${this.prefix}:claim:${encodeName(name)}`;
  }

  /** A record that a gateway keeps. */
  record(name: string): string {
    return `${this.prefix}:record:${encodeName(name)}`;
  }

  /** The lease of one generation of a node. */
  lease(lease: string): string {
    return `${this.prefix}:node:${lease}`;
  }

  /** What the subscribers of one lease are. */
  leaseSessions(lease: string): string {
    return `${this.prefix}:node:${lease}:sessions`;
  }

  /** Which node sweeps a lease. */
  leaseSweep(lease: string): string {
    return `${this.prefix}:node:${lease}:sweep`;
  }

  /** The lease that a node took last, found by the id of the node alone. */
  node(nodeId: string): string {
    return `${this.prefix}:node:${encodeName(nodeId)}:current`;
  }

  /** The channel on which a node hears the others. */
  peer(nodeId: string): string {
    return `${this.prefix}:node:${encodeName(nodeId)}:peer`;
  }

  /** A channel that a library at the edge has between the nodes. */
  edgeChannel(name: string): string {
    return `${this.prefix}:channel:${encodeName(name)}`;
  }

  /** The channel on which a node hears itself, and the key under which it writes for proof; the tag decides through which master. */
  probe(tag: string): string {
    return `${this.prefix}:probe:{${tag}}`;
  }

  /** One part of the index of events. */
  eventShard(shard: number): string {
    return `${this.prefix}:events:${shard}`;
  }
}

/** A lease as it stands in key names and in the list of nodes: `<nodeId>.<generation>`, no further dot in the latter. */
export function leaseName(lease: LeaseId): string {
  return `${encodeName(lease.nodeId)}.${encodeName(lease.generation).replaceAll('.', '%2E')}`;
}

export function parseLeaseName(name: string): LeaseId {
  const dot = name.lastIndexOf('.');
  return { nodeId: decodeName(name.slice(0, dot)), generation: decodeName(name.slice(dot + 1)) };
}

/** The part of the index that an event stands in (FNV-1a over its UTF-16 units). */
export function eventShardOf(eventguid: EventGuid): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < eventguid.length; index++) {
    hash = Math.imul(hash ^ eventguid.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % EVENT_SHARDS;
}

/** A name as one part of a key: a raw brace would break the hash tag, a control character the value of a subscription. */
export function encodeName(name: string): string {
  return name.replace(UNSAFE, (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

export function decodeName(name: string): string {
  return name.replace(/%([0-9A-F]{2})/g, (_match, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
