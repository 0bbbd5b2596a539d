import { Injectable, Logger } from '@nestjs/common';
import type { Log, LogFields } from '@ringback/core';

/** The log of the core through the logger of the application: the message, or an object where it has fields. */
@Injectable()
export class ApplicationLog implements Log {
  private readonly logger = new Logger('Ringback');

  debug(message: string, fields?: LogFields): void {
    this.logger.debug(entry(message, fields));
  }

  info(message: string, fields?: LogFields): void {
    this.logger.log(entry(message, fields));
  }

  warn(message: string, fields?: LogFields): void {
    this.logger.warn(entry(message, fields));
  }

  error(message: string, fields?: LogFields): void {
    this.logger.error(entry(message, fields));
  }
}

function entry(message: string, fields?: LogFields): string | object {
  return fields ? { message, ...fields } : message;
}
