/** Whom something is sent to. Plain data, since it travels between nodes. */
export type SendTarget =
  | { readonly kind: 'all'; readonly except: readonly string[] }
  | { readonly kind: 'connections'; readonly ids: readonly string[] }
  | { readonly kind: 'groups'; readonly names: readonly string[]; readonly except: readonly string[] }
  | { readonly kind: 'users'; readonly ids: readonly string[] };
