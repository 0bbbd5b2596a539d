import { expect, it } from '@jest/globals';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { RecordingLog } from '@ringback/memory';
import { ReportingExporter } from './reporting-exporter.js';

type Result = Parameters<Parameters<SpanExporter['export']>[1]>[0];

const spans = [{}, {}] as ReadableSpan[];

it('says in the log where spans could not leave, and tells who exports the same as before', () => {
  const log = new RecordingLog();
  const error = new Error('refused');
  const answers: Result[] = [{ code: 0 }, { code: 1, error }];
  const exporter: SpanExporter = {
    export: (_spans, onExported) => onExported(answers.shift() ?? { code: 0 }),
    shutdown: () => Promise.resolve(),
  };
  const reporting = new ReportingExporter(exporter, log);
  const results: Result[] = [];
  reporting.export(spans, (result) => results.push(result));
  expect(log.lines).toEqual([]);
  reporting.export(spans, (result) => results.push(result));
  expect(log.lines).toEqual([{ level: 'warn', message: 'spans not exported', fields: { spans: 2, error } }]);
  expect(results).toEqual([{ code: 0 }, { code: 1, error }]);
});
