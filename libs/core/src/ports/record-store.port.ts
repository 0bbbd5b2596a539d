/** Text by the name of its field, in no order. */
export type RecordFields = ReadonlyMap<string, string>;

/** What is written to a record at once. */
export interface RecordWrite {
  /** Added to those that there are; one of the same name is replaced. */
  readonly fields: RecordFields;
  /** Fields that go, where they are there. */
  readonly dropped?: readonly string[];
  /** How long the record lasts from now on, with all its fields. */
  readonly ttlMs: number;
}

/** Small records that a gateway keeps in the cluster for a time, each under a name of its own. All reject with `relay-unavailable` within 2 s. */
export interface RecordStore {
  /** Once this resolves, every node reads it so. All or nothing; after a rejection it is unknown which. Makes the record if there is none. */
  write(name: string, write: RecordWrite): Promise<void>;
  /** Resolves to `undefined` where there is none, or its time is over. */
  read(name: string): Promise<RecordFields | undefined>;
  /** Lets those of the records that there are last for so long from now. Makes none: resolves to the names of those that there are not. */
  touch(names: readonly string[], ttlMs: number): Promise<readonly string[]>;
  /** Ends the record, if there is one. */
  remove(name: string): Promise<void>;
}
