/** A happening with its time, and its place in the history. */
export type Placed<H> = H & { readonly at: number; readonly index: number };
