import { HubError, type Limits } from '@ringback/contract';
import { assertCookie, type Identity, type RecordStore } from '@ringback/core';
import { parseSessionRequest } from '@ringback/gateway-kit';
import { randomBytes } from 'node:crypto';
import { definitionOf, parseDefinition } from './prepared-request.js';
import type { IdleRecords } from './idle-records.js';
import type { NeededRecord } from './record-keeper.js';
import type { StreamDefinition } from './stream-request.js';

/** 128 bits: an id is not guessed. */
const ID_BYTES = 16;
const ID = /^[\w-]{22}$/;

/** What a record costs beside its text: its name and fields in the cluster, and the timer of the node. */
const RECORD_BYTES = 512;

const DEFINITION_FIELD = 'definition';
const IDENTITY_FIELD = 'identity';

/** How much may be prepared, and for how long. */
export interface PreparedOptions {
  /** Within which a stream has to be opened for the first time. */
  readonly preparedTtlMs: number;
  /** Of what this node keeps for streams that nobody has open: prepared ones, and those that have ended. */
  readonly maxPreparedBytes: number;
}

/** A stream that was prepared, and its record. */
export interface PreparedStream {
  readonly definition: StreamDefinition;
  readonly record: NeededRecord;
}

/** Streams that are described before they are opened, in the cluster: an EventSource has room for a URL only. */
export class PreparedStreams {
  constructor(
    private readonly records: RecordStore,
    private readonly limits: Limits,
    private readonly idle: IdleRecords,
    private readonly options: Pick<PreparedOptions, 'preparedTtlMs'>,
  ) {}

  /**
   * Resolves to the id under which the identity opens it, on any node. Rejects with `relay-unavailable`, `too-many-prepared-streams`, `cookie-too-large`, or as
   * opening it would for what it says of its subscriber.
   */
  async prepare(definition: StreamDefinition, identity: Identity): Promise<string> {
    for (const cookie of definition.cookies.values()) assertCookie(cookie, this.limits);
    const session = parseSessionRequest({ subscriberId: definition.subscriberId }, identity);
    if (session && definition.presence)
      throw new HubError('bad-request', 'A durable subscriber takes no part in presence.');
    const text = JSON.stringify(definitionOf(definition));
    const id = randomBytes(ID_BYTES).toString('base64url');
    const { preparedTtlMs: ttlMs } = this.options;
    if (!this.idle.reserve(recordName(id), bytesOf(text), ttlMs))
      throw new HubError('too-many-prepared-streams');
    const fields = new Map([
      [DEFINITION_FIELD, text],
      [IDENTITY_FIELD, identity.name],
    ]);
    await this.records.write(recordName(id), { fields, ttlMs });
    return id;
  }

  /** What was prepared under the id. Rejects with `not-found` where there is no such stream, or it is another identity's; with `relay-unavailable`. */
  async find(id: string, identity: Identity): Promise<PreparedStream> {
    const name = recordName(id);
    const fields = ID.test(id) ? await this.records.read(name) : undefined;
    const text = fields?.get(DEFINITION_FIELD);
    if (!fields || text === undefined || fields.get(IDENTITY_FIELD) !== identity.name)
      throw new HubError('not-found', 'There is no such stream: prepare it anew.');
    const definition = parseDefinition(JSON.parse(text), this.limits.subscriptionsPerConnection);
    return { definition, record: { name, fields, bytes: bytesOf(text) } };
  }
}

function bytesOf(text: string): number {
  return RECORD_BYTES + Buffer.byteLength(text);
}

/** Its record in the store. */
function recordName(id: string): string {
  return `prepared-stream/${id}`;
}
