import { describe, expect, it } from '@jest/globals';
import { isSampled, parseTraceContext } from './trace-context.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const traceparent = `00-${TRACE}-${SPAN}-01`;

describe('parseTraceContext', () => {
  it('reads trace, span and whether it is sampled', () => {
    expect(parseTraceContext(traceparent)).toEqual({ traceparent });
    expect(parseTraceContext(`00-${TRACE}-${SPAN}-00`)).toEqual({ traceparent: `00-${TRACE}-${SPAN}-00` });
  });

  it.each([
    ['02', '00'],
    ['03', '01'],
    ['ff', '01'],
  ])('knows of the flags %s only whether it is sampled', (flags, known) => {
    expect(parseTraceContext(`00-${TRACE}-${SPAN}-${flags}`)).toEqual({
      traceparent: `00-${TRACE}-${SPAN}-${known}`,
    });
  });

  it.each([`01-${TRACE}-${SPAN}-01`, `cc-${TRACE}-${SPAN}-01-what-may-come`])(
    'takes of the later version in %s what it knows',
    (later) => {
      expect(parseTraceContext(later)).toEqual({ traceparent });
    },
  );

  it.each([
    ['nothing', undefined],
    ['a number', 7],
    ['no text', ''],
    ['the version that is none', `ff-${TRACE}-${SPAN}-01`],
    ['more than version 00 has', `${traceparent}-more`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capitals', traceparent.toUpperCase()],
    ['a short trace', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['no flags', `00-${TRACE}-${SPAN}`],
    ['two of them', `${traceparent}, ${traceparent}`],
    ['a later version without its hyphen', `01-${TRACE}-${SPAN}-01more`],
  ])('takes %s for no context', (_name, text) => {
    expect(parseTraceContext(text, 'a=1')).toBeUndefined();
  });

  it('carries the state as it is', () => {
    expect(parseTraceContext(traceparent, 'a=1,b=2')).toEqual({ traceparent, tracestate: 'a=1,b=2' });
  });

  it.each([
    ['too long', 'a='.padEnd(513, 'x')],
    ['not ASCII', 'a=ä'],
    ['empty', ''],
    ['no text', ['a=1']],
  ])('leaves out a state that is %s', (_name, state) => {
    expect(parseTraceContext(traceparent, state)).toEqual({ traceparent });
  });
});

it('says whether a context is sampled', () => {
  expect(isSampled({ traceparent })).toBe(true);
  expect(isSampled({ traceparent: `00-${TRACE}-${SPAN}-00` })).toBe(false);
});
