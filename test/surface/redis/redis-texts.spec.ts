import { describe, expect, it } from '@jest/globals';
import { parseMonitorLine } from './monitor-line.js';
import { RedisMask } from './redis-mask.js';

const mask = new RedisMask((text) => text);

describe('parseMonitorLine', () => {
  it('reads a command with its arguments, bytes one character each', () => {
    const line = String.raw`+1796047395.415 [0 lua] "SPUBLISH" "rb:{e}" "\x01\x03\x00say \"hi\"\t"`;
    expect(parseMonitorLine(line)).toEqual(['SPUBLISH', 'rb:{e}', '\x01\x03\x00say "hi"\t']);
  });

  it('reads nothing else', () => {
    expect(parseMonitorLine('+OK')).toBeUndefined();
  });
});

describe('RedisMask', () => {
  it('keeps of an envelope its header and whether it has labels and data', () => {
    const numbers = '\0'.repeat(24);
    expect(mask.value(`\x01\x01\x04${numbers}\x03abc\x00\x01tdata`)).toBe(
      '0x010104 <offset> <time> <start> <id> <labels> <data>',
    );
  });

  it('keeps of a subscription the version of its format', () => {
    expect(mask.value('1\tabcdef12:7\tnode-a\trow 7')).toBe('1\t<id>:<n>\t<node>\t<cookie>');
  });

  it('keeps of a key all but the names in it', () => {
    expect(mask.key('surface:{ev-http}:key:payment-7')).toBe('surface:{<event>}:key:<key>');
    expect(mask.key('{surface-agent}:tickets:42')).toBe('{surface-agent}:tickets:<of BullMQ>');
  });
});
