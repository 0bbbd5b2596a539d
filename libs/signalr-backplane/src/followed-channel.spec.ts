import { describe, expect, it } from '@jest/globals';
import { envelopeAt, ScriptedRelay, standingAt } from './testing/scripted-relay.js';

describe('FollowedChannel', () => {
  it('hands on what follows the position at which it was opened, each offset once', async () => {
    const relay = await ScriptedRelay.open(standingAt('e:5'));
    relay.receive(envelopeAt('e:4'), envelopeAt('e:5'), envelopeAt('e:6'), envelopeAt('e:6'));
    expect([relay.handedOn, relay.reads]).toEqual([['e:6'], []]);
  });

  it('holds what comes until it knows where the event stands', async () => {
    const relay = new ScriptedRelay(standingAt('e:5'));
    const opening = relay.channel.open();
    relay.receive(envelopeAt('e:5'), envelopeAt('e:6'));
    expect(relay.handedOn).toEqual([]);
    await opening;
    expect(relay.handedOn).toEqual(['e:6']);
  });

  it('begins with the first envelope of an event that nobody has used', async () => {
    const relay = await ScriptedRelay.open(undefined);
    relay.receive(envelopeAt('e:1'), envelopeAt('e:3'));
    expect(relay.reads).toEqual(['e:1']);
    const other = await ScriptedRelay.open(undefined);
    other.receive(envelopeAt('e:2'));
    await other.answers([envelopeAt('e:1'), envelopeAt('e:2')]);
    expect([other.handedOn, other.reads]).toEqual([['e:1', 'e:2'], ['e:0']]);
  });

  it('reads again what it had no room to hold', async () => {
    const relay = await ScriptedRelay.open(standingAt('e:0'), 1);
    relay.receive(envelopeAt('e:2'), envelopeAt('e:3'));
    await relay.answers([envelopeAt('e:1')]);
    expect(relay.handedOn).toEqual(['e:1', 'e:2']);
    relay.receive(envelopeAt('e:4'));
    await relay.answers([envelopeAt('e:3'), envelopeAt('e:4')]);
    expect([relay.handedOn, relay.reads]).toEqual([
      ['e:1', 'e:2', 'e:3', 'e:4'],
      ['e:0', 'e:2'],
    ]);
  });

  it('compares, once it has read, with what it was told meanwhile', async () => {
    const relay = await ScriptedRelay.open(standingAt('e:0'));
    relay.receive(envelopeAt('e:2'));
    relay.channel.compare(standingAt('e:3'));
    await relay.answers([envelopeAt('e:1'), envelopeAt('e:2')]);
    await relay.answers([envelopeAt('e:3')]);
    expect([relay.handedOn, relay.reads]).toEqual([
      ['e:1', 'e:2', 'e:3'],
      ['e:0', 'e:2'],
    ]);
  });

  it('enters an epoch that opened at its position, and reads no more for it', async () => {
    const relay = await ScriptedRelay.open(standingAt('e:5'));
    for (let time = 0; time < 2; time++) {
      relay.channel.compare(standingAt('f:5', 5));
      await relay.answers([]);
    }
    relay.receive(envelopeAt('f:6', 5));
    expect([relay.handedOn, relay.reads]).toEqual([['f:6'], ['e:5']]);
  });

  it('passes over a straggler of a closed epoch', async () => {
    const relay = await ScriptedRelay.open(standingAt('f:5', 5));
    relay.receive(envelopeAt('e:8'), envelopeAt('f:6', 5));
    await relay.answers([]);
    expect([relay.handedOn, relay.reads, relay.metrics.count('gap')]).toEqual([['f:6'], ['f:5'], 0]);
  });

  it('says from where to where something is lost, and goes on behind it', async () => {
    const relay = await ScriptedRelay.open(standingAt('e:1'));
    relay.receive(envelopeAt('e:4'), envelopeAt('e:5'));
    await relay.answers('lost');
    expect(relay.handedOn).toEqual(['e:4', 'e:5']);
    expect(relay.log.lines.map(({ fields }) => fields)).toEqual([
      { eventguid: 'event', after: 'e:1', upTo: 'e:3' },
    ]);
  });

  it('reads what a relay has kept since it was restarted without what it kept before', async () => {
    const relay = await ScriptedRelay.open(standingAt('e:5'));
    relay.receive(envelopeAt('f:3'));
    await relay.answers('lost');
    await relay.answers([envelopeAt('f:1'), envelopeAt('f:2'), envelopeAt('f:3')]);
    relay.receive(envelopeAt('f:4'));
    expect([relay.handedOn, relay.reads]).toEqual([
      ['f:1', 'f:2', 'f:3', 'f:4'],
      ['e:5', 'f:0'],
    ]);
    expect(relay.log.lines.map(({ fields }) => fields)).toEqual([
      { eventguid: 'event', after: 'e:5', upTo: 'f:0' },
    ]);
  });

  it('passes over both epochs when the new one is not kept from its beginning', async () => {
    const relay = await ScriptedRelay.open(standingAt('e:5'));
    relay.channel.compare(standingAt('f:9', 5));
    await relay.answers('lost');
    await relay.answers('lost');
    relay.receive(envelopeAt('f:10', 5));
    expect([relay.handedOn, relay.reads]).toEqual([['f:10'], ['e:5', 'f:5']]);
  });

  it('hands on nothing once it is closed, whatever is still read', async () => {
    const relay = await ScriptedRelay.open(standingAt('e:0'));
    relay.receive(envelopeAt('e:2'));
    await relay.channel.close();
    await relay.answers([envelopeAt('e:1'), envelopeAt('e:2')]);
    relay.receive(envelopeAt('e:3'));
    relay.channel.compare(standingAt('e:9'));
    expect([relay.handedOn, relay.reads, relay.log.lines]).toEqual([[], ['e:0'], []]);
  });
});
