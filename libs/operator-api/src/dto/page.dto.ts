import type { Page } from '@ringback/core';
import { ApiPropertyOptional } from '@nestjs/swagger';

/** One part of a long list; each kind of list adds its `items`. */
export abstract class PageDto {
  @ApiPropertyOptional({
    type: String,
    description: 'Give it as cursor to see what follows; absent on the last page.',
  })
  readonly next?: string;
}

export function pageOf<Item, View>(
  page: Page<Item>,
  view: (item: Item) => View,
): PageDto & { items: View[] } {
  return { items: page.items.map(view), ...(page.next !== undefined && { next: page.next }) };
}
