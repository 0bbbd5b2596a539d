import { CLOSE_REASONS, type CloseReason, type ErrorCode, type InboundLimits } from '@ringback/contract';
import { RecentCount } from './recent-count.js';

/** Errors that only the client can do something about. */
const INVALID: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'bad-request',
  'bad-eventguid',
  'unknown-method',
  'unauthorized',
  'forbidden',
  'cookie-too-large',
  'data-too-large',
]);

/** What a client does that it should not do again and again. */
export class ClientConduct {
  private invalid: RecentCount | undefined;
  private refusals = 0;

  constructor(
    private readonly limits: InboundLimits,
    private readonly now: () => number,
  ) {}

  /** A command was answered with an error. Answers what the client is to be closed with, if that was one too many. */
  onError(code: ErrorCode): CloseReason | undefined {
    if (!INVALID.has(code)) return undefined;
    const { invalidCommands, invalidCommandWindowMs } = this.limits;
    this.invalid ??= new RecentCount(invalidCommands, invalidCommandWindowMs);
    return this.invalid.add(this.now()) ? CLOSE_REASONS['too-many-invalid-commands'] : undefined;
  }

  /** The same for an attempt to connect that was refused. */
  onRefused(): CloseReason | undefined {
    this.refusals += 1;
    return this.refusals >= this.limits.refusedConnects ? CLOSE_REASONS['too-many-refusals'] : undefined;
  }
}
