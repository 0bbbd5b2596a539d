import { describe, expect, it } from '@jest/globals';
import { RecordingLog } from '@ringback/memory';
import { openTracing } from './open-tracing.js';
import { readTracingSettings } from './tracing-settings.js';

const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://collector:4318/';
const always = { isParentBased: true, ratio: 1 };

describe('readTracingSettings', () => {
  it.each<[string, Record<string, string>]>([
    ['nothing is said', {}],
    ['only a name is said', { OTEL_SERVICE_NAME: 'bells' }],
    ['values are empty', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ', OTEL_TRACES_EXPORTER: '' }],
    ['there is to be no exporter', { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }],
    ['it is disabled', { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }],
  ])('wants no traces where %s', (_name, environment) => {
    expect(readTracingSettings(environment)).toBeUndefined();
  });

  it.each<[string, Record<string, string>, string]>([
    ['an endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT }, 'http://collector:4318/v1/traces'],
    ['the exporter alone', { OTEL_TRACES_EXPORTER: 'otlp' }, 'http://localhost:4318/v1/traces'],
    [
      'an endpoint for traces, which is the whole URL',
      { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces/in' },
      'http://traces/in',
    ],
  ])('wants traces where there is %s', (_name, environment, url) => {
    expect(readTracingSettings(environment)).toEqual({ url, sampler: always });
  });

  it('reads the name of the service', () => {
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME: 'bells' };
    expect(readTracingSettings(environment)).toMatchObject({ serviceName: 'bells' });
  });

  it.each([
    ['always_on', '0.5', false, 1],
    ['always_off', '0.5', false, 0],
    ['traceidratio', '0.5', false, 0.5],
    ['parentbased_always_on', '0.5', true, 1],
    ['parentbased_always_off', '0.5', true, 0],
    ['parentbased_traceidratio', '0.01', true, 0.01],
    ['parentbased_traceidratio', '', true, 1],
  ])('takes the sampler %s with %j', (name, argument, isParentBased, ratio) => {
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT,
      OTEL_TRACES_SAMPLER: name,
      OTEL_TRACES_SAMPLER_ARG: argument,
    };
    expect(readTracingSettings(environment)?.sampler).toEqual({ isParentBased, ratio });
  });
});

describe('openTracing', () => {
  it.each<[Record<string, string>, RegExp]>([
    [{ OTEL_TRACES_EXPORTER: 'zipkin' }, /^OTEL_TRACES_EXPORTER is "zipkin"; known here: otlp, none\.$/],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /^OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"; .*http\/json/],
    [{ OTEL_TRACES_SAMPLER: 'xray' }, /^OTEL_TRACES_SAMPLER is "xray"; .*parentbased_traceidratio/],
    [
      { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1%' },
      /^OTEL_TRACES_SAMPLER_ARG is "1%"; .*0\.01/,
    ],
  ])('says in the log why %j records nothing', async (environment, reason) => {
    const log = new RecordingLog();
    const wanted = { OTEL_EXPORTER_OTLP_ENDPOINT, ...environment };
    expect(await openTracing(wanted, { nodeId: 'n', version: '1' }, log)).toBeUndefined();
    expect(log.lines).toMatchObject([
      { level: 'warn', message: 'traces not recorded', fields: { reason: expect.stringMatching(reason) } },
    ]);
  });
});
