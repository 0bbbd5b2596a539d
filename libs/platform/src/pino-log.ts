import type { Log, LogFields } from '@ringback/core';
import { pino, type DestinationStream, type Logger } from 'pino';
import { describeError } from './describe-error.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface PinoLogOptions {
  readonly level: LogLevel;
  /** Stands in every line. */
  readonly fields?: LogFields;
  /** Standard output when absent. */
  readonly destination?: DestinationStream;
}

/** The core's log as lines of JSON. */
export class PinoLog implements Log {
  private readonly pino: Logger;

  constructor({ level, fields = {}, destination }: PinoLogOptions) {
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
    this.pino.info(fields, message);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.pino.warn(fields, message);
  }

  error(message: string, fields: LogFields = {}): void {
    this.pino.error(fields, message);
  }
}
