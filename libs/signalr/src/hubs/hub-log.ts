/** Where a hub reports what went wrong outside of any caller's reach. Never told tokens, arguments or results. */
export interface HubLog {
  /** `fields.error` is the error itself. */
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Turns reports into process warnings: seen by default, without a logger. */
export const warningsLog: HubLog = {
  warn: (message, { error, ...fields }) => {
    const reason = error instanceof Error ? `: ${error.name}` : '';
    process.emitWarning(`${message}${reason}`, { type: 'SignalRWarning', detail: JSON.stringify(fields) });
  },
};

/** Hands a promise that nobody waits for to the log, should it fail. */
export const reportFailure = (
  log: HubLog,
  message: string,
  fields: Readonly<Record<string, unknown>>,
  promise: Promise<unknown>,
): void => {
  promise.catch((error: unknown) => log.warn(message, { ...fields, error }));
};
