import { Injectable, Logger } from '@nestjs/common';
import type { Log, LogFields } from '@ringback/core';

/** The log of the core through the logger of the application, one object a line. */
@Injectable()
export class NestLog implements Log {
  private readonly logger = new Logger('Ringback');

  debug(message: string, fields: LogFields = {}): void {
    this.logger.debug({ message, ...fields });
  }

  info(message: string, fields: LogFields = {}): void {
    this.logger.log({ message, ...fields });
  }

  warn(message: string, fields: LogFields = {}): void {
    this.logger.warn({ message, ...fields });
  }

  error(message: string, fields: LogFields = {}): void {
    this.logger.error({ message, ...fields });
  }
}
