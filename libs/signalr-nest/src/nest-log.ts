import { Logger } from '@nestjs/common';
import type { HubLog } from '@ringback/signalr';

const logger = new Logger('SignalR');

/** Reports through the logger of the application. */
export const nestLog: HubLog = {
  warn: (message, fields) => logger.warn({ message, ...fields }),
};

/** What is no client's doing. */
export const logFault = (error: Error): void => logger.error({ message: 'endpoint fault', error });
