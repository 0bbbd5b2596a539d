/** What the standard variables ask for. */
export interface TracingSettings {
  /** Where spans are posted to. */
  readonly url: string;
  readonly serviceName?: string;
  readonly sampler: SamplerSettings;
}

export interface SamplerSettings {
  /** Whether a parent that is sampled decides. */
  readonly isParentBased: boolean;
  /** The share of the traces that is recorded. */
  readonly ratio: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_ENDPOINT = 'http://localhost:4318';
const SAMPLERS: ReadonlyMap<string, { readonly isParentBased: boolean; readonly ratio?: number }> = new Map([
  ['always_on', { isParentBased: false, ratio: 1 }],
  ['always_off', { isParentBased: false, ratio: 0 }],
  ['traceidratio', { isParentBased: false }],
  ['parentbased_always_on', { isParentBased: true, ratio: 1 }],
  ['parentbased_always_off', { isParentBased: true, ratio: 0 }],
  ['parentbased_traceidratio', { isParentBased: true }],
]);

/** `undefined` where no traces are wanted. Throws an error with one sentence for what is wanted and cannot be had. */
export function readTracingSettings(environment: Environment): TracingSettings | undefined {
  const read = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const oneOf = (name: string, known: readonly string[]): void => {
    const value = read(name) ?? known[0];
    if (value !== undefined && !known.includes(value))
      throw new Error(`${name} is ${JSON.stringify(value)}; known here: ${known.join(', ')}.`);
  };
  if (read('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined;
  const exporter = read('OTEL_TRACES_EXPORTER');
  const endpoint = read('OTEL_EXPORTER_OTLP_ENDPOINT');
  const tracesEndpoint = read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  if (exporter === 'none' || !(exporter ?? endpoint ?? tracesEndpoint)) return undefined;
  oneOf('OTEL_TRACES_EXPORTER', ['otlp', 'none']);
  for (const name of ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'])
    oneOf(name, ['http/json']);
  oneOf('OTEL_TRACES_SAMPLER', [...SAMPLERS.keys()]);
  const serviceName = read('OTEL_SERVICE_NAME');
  return {
    url: tracesEndpoint ?? `${(endpoint ?? DEFAULT_ENDPOINT).replace(/\/+$/, '')}/v1/traces`,
    ...(serviceName !== undefined && { serviceName }),
    sampler: readSampler(read('OTEL_TRACES_SAMPLER'), read('OTEL_TRACES_SAMPLER_ARG')),
  };
}

function readSampler(name = 'parentbased_always_on', argument = '1'): SamplerSettings {
  const { isParentBased, ratio = Number(argument) } = SAMPLERS.get(name) ?? { isParentBased: true };
  if (!(ratio >= 0 && ratio <= 1))
    throw new Error(
      `OTEL_TRACES_SAMPLER_ARG is ${JSON.stringify(argument)}; it is a share between 0 and 1, such as 0.01.`,
    );
  return { isParentBased, ratio };
}
