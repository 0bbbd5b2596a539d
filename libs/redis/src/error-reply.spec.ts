import { describe, expect, it } from '@jest/globals';
import { HubError } from '@ringback/contract';
import { describeReply, isUnreadable, keysOf, refusalOf } from './error-reply.js';

function reply(
  message: string,
  name = 'evalsha',
  args: readonly unknown[] = ['sha', 2, 'a', 'b', 'data'],
): Error {
  return Object.assign(new Error(message), { name: 'ReplyError', command: { name, args } });
}

describe('an error reply of Redis', () => {
  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'. script: 1, on @user_script:1.", 'OOM'],
    ['MISCONF Redis is configured to save RDB snapshots, but …', 'MISCONF'],
    ["READONLY You can't write against a read only replica.", 'READONLY'],
    ['NOREPLICAS Not enough good replicas to write.', 'NOREPLICAS'],
    ["NOPERM this user has no permissions to run the 'evalsha' command", 'NOPERM'],
    ['LOADING Redis is loading the dataset in memory', 'LOADING'],
  ])('is a refusal, of which nothing was done: %s', (message, word) => {
    const error = describeReply(reply(message));
    expect(error).toMatchObject({ code: 'cluster-refuses-writes', temporary: true });
    expect(error?.message).toBe(`The Redis of the cluster refuses writes (${word}); nothing was done.`);
    expect(refusalOf(error)).toBe(word);
  });

  it.each([
    "ERR The user executing the script can't run this command or subcommand script: 1, on @user_script:1.",
    "ERR The user executing the script can't publish to the channel mentioned in the command script: 1, …",
    'NOPERM ACL failure in script: User default has no permissions to run the hset command',
  ])('leaves open what was done where a right was missing half way: %s', (message) => {
    const error = describeReply(reply(message));
    expect(error?.code).toBe('relay-unavailable');
    expect(error?.message).toMatch(/\(NOPERM\).*not known/);
    expect(refusalOf(error)).toBe('NOPERM');
  });

  it('names the keys of a wrong type to the log, and not to clients', () => {
    const error = describeReply(reply('WRONGTYPE Operation against a key'));
    expect(error).toMatchObject({ code: 'internal', cause: { message: expect.stringContaining('a b') } });
    expect(error?.message).not.toMatch(/\ba b\b/);
    expect([isUnreadable(error), keysOf(reply('WRONGTYPE', 'hset', ['key', 'field', 'value']))]).toEqual([
      true,
      ['key'],
    ]);
  });

  it('never holds what else was sent', () => {
    const { cause } = describeReply(reply('WRONGTYPE Operation against a key')) ?? {};
    expect((cause as Error).message).not.toContain('data');
  });

  it.each([
    reply('ERR unknown command'),
    new Error('OOM in another place'),
    new HubError('relay-unavailable'),
    'OOM',
  ])('is nothing else: %s', (error) => {
    expect([describeReply(error), refusalOf(error)]).toEqual([undefined, undefined]);
  });
});
