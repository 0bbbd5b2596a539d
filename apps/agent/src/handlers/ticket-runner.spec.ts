import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RecordingLog } from '@ringback/memory';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentMetrics } from '../agent-metrics.js';
import { makeTicket } from '../testing/ticket-samples.js';
import { FinalError } from '../tickets/final-error.js';
import type { Ticket } from '../tickets/ticket.js';
import type { Handler, TimedHandler } from './handler.js';
import { openHandlers } from './open-handlers.js';
import { TicketRunner } from './ticket-runner.js';

const ticketOf = (fields: Partial<Ticket> = {}): Ticket => ({
  ...makeTicket(),
  state: 'active',
  attempts: 0,
  ...fields,
});

function runnerOf(
  handlers: Readonly<Record<string, TimedHandler>>,
  metrics = new AgentMetrics(),
): TicketRunner {
  return new TicketRunner(new Map(Object.entries(handlers)), metrics, new RecordingLog());
}

const timed = (handle: Handler, timeoutMs = 5_000): TimedHandler => ({ handle, timeoutMs });

describe('TicketRunner', () => {
  it('chooses the handler by the exact ViewModel, and * for all others', async () => {
    const ran: string[] = [];
    const note = (name: string): TimedHandler =>
      timed(async () => {
        ran.push(name);
      });
    const runner = runnerOf({ Alarm: note('Alarm'), '*': note('any') });
    await runner.run(ticketOf({ viewModel: 'Alarm' }));
    await runner.run(ticketOf({ viewModel: 'alarm' }));
    expect(ran).toEqual(['Alarm', 'any']);
  });

  it.each([
    [{ viewModel: 'Nobody' }, 'The ViewModel "Nobody" is unknown.'],
    [{ viewModel: 'constructor' }, 'The ViewModel "constructor" is unknown.'],
    [{ viewModel: '', flaw: 'The cookie names no ViewModel.' }, 'The cookie names no ViewModel.'],
  ])('refuses %j for good', async (fields, message) => {
    const failure = await runnerOf({})
      .run(ticketOf(fields))
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FinalError);
    expect(failure).toMatchObject({ message });
  });

  it('gives up a handler that takes too long, and tells it so', async () => {
    let signal: AbortSignal | undefined;
    const runner = runnerOf({
      Alarm: timed((_ticket, given) => {
        signal = given;
        return new Promise(() => undefined);
      }, 10),
    });
    await expect(runner.run(ticketOf())).rejects.toThrow('The handler took longer than 10 ms.');
    expect(signal?.aborted).toBe(true);
  });

  it('counts how attempts end, and logs no words of a ticket', async () => {
    const metrics = new AgentMetrics();
    const log = new RecordingLog();
    const handlers = new Map([
      ['well', timed(async () => undefined)],
      ['ill', timed(() => Promise.reject(new Error('secret')))],
    ]);
    const runner = new TicketRunner(handlers, metrics, log);
    await runner.run(ticketOf({ viewModel: 'well' }));
    await runner.run(ticketOf({ viewModel: 'ill' })).catch(() => undefined);
    await runner.run(ticketOf({ viewModel: 'secret name' })).catch(() => undefined);
    const text = await metrics.registry.metrics();
    for (const result of ['done', 'failed', 'refused'])
      expect(text).toContain(`ringback_agent_attempt_seconds_count{result="${result}"} 1`);
    expect(JSON.stringify(log)).not.toContain('secret');
  });
});

describe('a handler of a module', () => {
  let directory: string;
  const seen = (globalThis as unknown as { seenByHandlers: string[] }) ?? {};

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'agent-handlers-'));
    seen.seenByHandlers = [];
    await writeFile(
      join(directory, 'all.mjs'),
      `export function Alarm(ticket) { globalThis.seenByHandlers.push('Alarm ' + ticket.RootId); }
       export async function handle(ticket, { signal }) { globalThis.seenByHandlers.push(ticket.ViewModel + signal.aborted); }
       export const text = 'no function';`,
    );
    await writeFile(join(directory, 'some.mjs'), 'export const Alarm = () => { throw new Error("no"); };');
    await writeFile(join(directory, 'broken.mjs'), 'export const = ;');
  });

  afterAll(async () => {
    await rm(directory, { recursive: true });
  });

  async function runnerFor(file: string, exportName?: string): Promise<TicketRunner> {
    const config = { kind: 'module', path: join(directory, file), timeoutMs: 1_000 } as const;
    const handlers = await openHandlers(new Map([['*', { ...config, ...(exportName && { exportName }) }]]));
    return new TicketRunner(handlers, new AgentMetrics(), new RecordingLog());
  }

  it('is the function named like the ViewModel, else handle, else the one that is named', async () => {
    const runner = await runnerFor('all.mjs');
    await runner.run(ticketOf({ viewModel: 'Alarm' }));
    await runner.run(ticketOf({ viewModel: 'Other' }));
    await runner.run(ticketOf({ viewModel: 'text' }));
    const named = await runnerFor('all.mjs', 'Alarm');
    await named.run(ticketOf({ viewModel: 'Other', rootId: '9' }));
    expect(seen.seenByHandlers).toEqual(['Alarm 7', 'Otherfalse', 'textfalse', 'Alarm 9']);
  });

  it('fails with what it throws, and for good where there is no function', async () => {
    const runner = await runnerFor('some.mjs');
    await expect(runner.run(ticketOf())).rejects.toThrow('no');
    await expect(runner.run(ticketOf({ viewModel: 'Other' }))).rejects.toThrow(FinalError);
    await expect(runner.run(ticketOf({ viewModel: 'toString' }))).rejects.toThrow(FinalError);
  });

  it.each([
    ['broken.mjs', undefined, 'cannot be loaded'],
    ['absent.mjs', undefined, 'cannot be loaded'],
    ['all.mjs', 'text', 'exports no function text'],
    ['all.mjs', 'nothing', 'exports no function nothing'],
  ])('keeps the agent from starting: %s %s', async (file, exportName, problem) => {
    await expect(runnerFor(file, exportName)).rejects.toThrow(problem);
  });
});
