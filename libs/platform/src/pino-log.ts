import type { Log, LogFields } from '@ringback/core';
import { pino, type DestinationStream, type Logger } from 'pino';
import { describeError } from './describe-error.js';
import { LineLimiter } from './line-limiter.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface PinoLogOptions {
  readonly level: LogLevel;
  /** Stands in every line. */
  readonly fields?: LogFields;
  /** Messages whose number is bounded otherwise. */
  readonly unbounded?: readonly string[];
  /** Standard output when absent. */
  readonly destination?: DestinationStream;
}

/**
 * The core's log as lines of JSON. Of one level and message at most ten lines are written in ten seconds, and then one that says how many were left out;
 * of unbounded messages and at `debug`, which is for looking closely, all are.
 */
export class PinoLog implements Log {
  private readonly pino: Logger;
  private readonly unbounded: ReadonlySet<string>;
  private readonly limiter = new LineLimiter<Exclude<LogLevel, 'debug'>>((level, line, suppressed) =>
    this.pino[level]({ line, suppressed }, 'log lines suppressed'),
  );

  constructor({ level, fields = {}, unbounded = [], destination }: PinoLogOptions) {
    this.unbounded = new Set(unbounded);
    const options = {
      level,
      base: fields,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'message',
      formatters: { level: (label: string) => ({ level: label }) },
      serializers: { error: describeError },
    };
    // Written at once, so that the last line before an exit is not lost.
    this.pino = pino(options, destination ?? pino.destination({ fd: 1, sync: true }));
  }

  debug(message: string, fields: LogFields = {}): void {
    this.pino.debug(fields, message);
  }

  info(message: string, fields: LogFields = {}): void {
    if (this.admits('info', message)) this.pino.info(fields, message);
  }

  warn(message: string, fields: LogFields = {}): void {
    if (this.admits('warn', message)) this.pino.warn(fields, message);
  }

  error(message: string, fields: LogFields = {}): void {
    if (this.admits('error', message)) this.pino.error(fields, message);
  }

  private admits(level: Exclude<LogLevel, 'debug'>, message: string): boolean {
    return this.unbounded.has(message) || this.limiter.admit(level, message);
  }
}
