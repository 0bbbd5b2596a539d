/** What a handler of a spec waits for. */
export interface Gate {
  readonly opened: Promise<void>;
  /** Also for who begins to wait later. */
  open(): void;
}

export function gate(): Gate {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
