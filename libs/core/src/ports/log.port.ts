/** Structured fields of a log line, named by the glossary. Never data, cookies or tokens. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where log lines go. Messages are stable; what varies stands in the fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** `fields.error` is the error itself. */
  error(message: string, fields?: LogFields): void;
}
