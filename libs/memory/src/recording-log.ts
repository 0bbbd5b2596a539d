import type { Log, LogFields } from '@ringback/core';

/** A line that was logged. */
export interface LogLine {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: LogFields;
}

/** Keeps every line, for tests. */
export class RecordingLog implements Log {
  readonly lines: LogLine[] = [];

  debug(message: string, fields?: LogFields): void {
    this.keep('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.keep('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.keep('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.keep('error', message, fields);
  }

  /** The lines of one level, oldest first. */
  at(level: keyof Log): readonly LogLine[] {
    return this.lines.filter((line) => line.level === level);
  }

  private keep(level: keyof Log, message: string, fields: LogFields = {}): void {
    this.lines.push({ level, message, fields });
  }
}
