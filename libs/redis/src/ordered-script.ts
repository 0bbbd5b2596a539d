import { hashSlot } from './hash-slot.js';
import { ScriptCall } from './script-call.js';
import { ScriptLane, type ScriptRoutes } from './script-lane.js';
import type { Script, ScriptArgument, ScriptReply } from './scripts.js';
import type { Topology } from './topology.js';

interface BusySlot {
  readonly lane: ScriptLane;
  calls: number;
}

/** Runs one script on the servers of a topology: calls that go to one server are run in their order, without waiting for one another. */
export class OrderedScript {
  /** By master. */
  private readonly lanes = new Map<string, ScriptLane>();
  /** Slots with calls under way: later calls follow them, even if the slot has moved meanwhile. */
  private readonly busy = new Map<number, BusySlot>();
  private readonly routes: ScriptRoutes;

  constructor(
    private readonly script: Script,
    commands: ScriptRoutes['commands'],
    private readonly topology: Topology,
  ) {
    this.routes = { commands, connectionOf: (slot) => topology.connectionOf(slot) };
  }

  /** `name` is a key or channel of the slot. Rejects as `unavailable` says. */
  async run(name: string, keys: readonly string[], args: readonly ScriptArgument[]): Promise<ScriptReply> {
    const slot = hashSlot(name);
    const busy = this.busy.get(slot) ?? { lane: this.laneOf(slot), calls: 0 };
    this.busy.set(slot, busy);
    busy.calls++;
    const call = new ScriptCall(slot, keys, args);
    busy.lane.add(call);
    try {
      return await call.reply;
    } finally {
      if (--busy.calls === 0) this.busy.delete(slot);
    }
  }

  private laneOf(slot: number): ScriptLane {
    const master = this.topology.masterOf(slot) ?? '';
    const lane = this.lanes.get(master) ?? new ScriptLane(this.script, this.routes);
    this.lanes.set(master, lane);
    return lane;
  }
}
