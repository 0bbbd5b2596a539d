import { parseArgs } from 'node:util';

/** How Redis keeps what it is told. */
export type Keeping = 'none' | 'everysec' | 'always';

export interface ChaosOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly redis: Keeping;
  /** Where the whole history is written, as JSON lines; absent: nowhere. */
  readonly historyFile?: string;
}

const MOST_MINUTES = 60;

/** Throws with what is wrong. */
export function parseChaosOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '1' },
      redis: { type: 'string', default: 'always' },
      history: { type: 'string' },
    },
  });
  return {
    seed: numberOf('seed', values.seed, 2 ** 32),
    minutes: numberOf('minutes', values.minutes, MOST_MINUTES),
    redis: keepingOf(values.redis),
    ...(values.history !== undefined && { historyFile: values.history }),
  };
}

function numberOf(name: string, text: string, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= most) return value;
  throw new Error(`--${name} is a number from 0 to ${most}.`);
}

function keepingOf(text: string): Keeping {
  if (text === 'none' || text === 'everysec' || text === 'always') return text;
  throw new Error('--redis is none, everysec or always.');
}

/** What redis-server is started with. */
export function redisArguments(keeping: Keeping): readonly string[] {
  return keeping === 'none' ? ['--appendonly', 'no', '--save', ''] : ['--appendfsync', keeping];
}
