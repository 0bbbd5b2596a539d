import type { LoggerService } from '@nestjs/common';
import type { Log, LogFields } from '@ringback/core';

/** Nest's own logger, written into the hub's log, message by message. What Nest reports of its start is of interest to nobody but us: debug. */
export class NestLog implements LoggerService {
  constructor(private readonly target: Log) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.target.debug(...toLine(message, rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.target.debug(...toLine(message, rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.target.debug(...toLine(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.target.warn(...toLine(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.target.error(...toLine(message, rest));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.error(message, ...rest);
  }
}

/** Nest passes the name of the part that speaks last, and the stack of an error, where there is one, before it. */
function toLine(message: unknown, rest: readonly unknown[]): [message: string, fields: LogFields] {
  const context = rest.at(-1);
  const error = message instanceof Error ? message : rest.find((item) => item instanceof Error);
  const stack = rest.length > 1 && typeof rest[0] === 'string' ? rest[0] : undefined;
  return [
    message instanceof Error ? message.message : String(message),
    {
      ...(typeof context === 'string' && { context }),
      ...(error !== undefined && { error }),
      ...(stack !== undefined && { stack }),
    },
  ];
}
