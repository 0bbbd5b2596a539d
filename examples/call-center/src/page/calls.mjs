/**
 * What the events of a team come to. One listener is enough: the name of an event stands behind the last slash of its id.
 * @typedef {{ call: string, caller: string, queuedAt: number, agent?: string, answeredAt?: number }} Call
 * @typedef {{ data: string, lastEventId: string }} Message
 */
export class Calls {
  /** @type {Map<string, Call>} */
  open = new Map();
  /** @type {readonly string[]} */
  agents = [];
  /** Events may come again, when a page comes back with an id that is not kept any more. @type {Set<string>} */
  endedCalls = new Set();

  /** @type {Readonly<Record<string, (said: any) => void>>} */
  handlers = {
    Roster: ({ agents }) => (this.agents = agents),
    CallQueued: ({ call, caller, at }) => {
      if (!this.endedCalls.has(call)) this.open.set(call, { call, caller, queuedAt: at });
    },
    CallAnswered: ({ call, agent, at }) =>
      Object.assign(this.open.get(call) ?? {}, { agent, answeredAt: at }),
    CallEnded: ({ call }) => {
      if (this.open.delete(call)) this.endedCalls.add(call);
    },
  };

  /** @param {Message} message */
  handle({ data, lastEventId }) {
    const name = lastEventId.slice(lastEventId.lastIndexOf('/') + 1);
    this.handlers[name]?.(JSON.parse(data));
  }

  get ended() {
    return this.endedCalls.size;
  }

  get waiting() {
    return [...this.open.values()].filter(({ agent }) => agent === undefined);
  }

  get talking() {
    return [...this.open.values()].filter(({ agent }) => agent !== undefined);
  }

  get freeAgents() {
    const busy = new Set(this.talking.map(({ agent }) => agent));
    return this.agents.filter((agent) => !busy.has(agent));
  }
}
