import { HubError, parseOptions } from '@ringback/contract';
import type { PageRequest } from '@ringback/core';
import { Injectable, type PipeTransform } from '@nestjs/common';

const KNOWN = ['cursor', 'limit', 'access_token'];

export const PAGE_LIMIT = { min: 1, max: 1000, default: 100 } as const;

/** Which page a query asks for. */
@Injectable()
export class PagePipe implements PipeTransform<unknown, PageRequest> {
  protected readonly known: readonly string[] = KNOWN;

  transform(query: unknown): PageRequest {
    const { cursor, limit } = parseOptions(query, this.known);
    if (cursor !== undefined && (typeof cursor !== 'string' || cursor === '')) {
      throw new HubError('bad-request', 'cursor is not one text of at least one character.');
    }
    return { limit: parseLimit(limit), ...(cursor !== undefined && { cursor }) };
  }
}

/** The same where the query may name the event too. */
@Injectable()
export class EventPagePipe extends PagePipe {
  protected override readonly known = [...KNOWN, 'eventguid'];
}

function parseLimit(value: unknown): number {
  if (value === undefined) return PAGE_LIMIT.default;
  const limit = typeof value === 'string' && /^[0-9]{1,4}$/.test(value) ? Number(value) : 0;
  if (limit < PAGE_LIMIT.min || limit > PAGE_LIMIT.max) {
    throw new HubError('bad-request', `limit is not a number from ${PAGE_LIMIT.min} to ${PAGE_LIMIT.max}.`);
  }
  return limit;
}
