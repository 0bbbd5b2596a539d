/** Which part of a long list is asked for. */
export interface PageRequest {
  /** The `next` of the page before; absent asks for the first page. An unknown cursor is `bad-request`. */
  readonly cursor?: string;
  /** About how many items; a page may hold fewer, and where a store keeps small lists whole, more. */
  readonly limit: number;
}

/** One part of a long list. A list that changes meanwhile may show an item twice; it leaves out none that stays. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Asks for what follows; absent on the last page. */
  readonly next?: string;
}
