import { Inject, Injectable } from '@nestjs/common';
import { Topic, type StreamEvent, type TopicValue } from '@ringback/gateway-fubu';
import { Roster } from './roster.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The calls of one team. */
@Injectable()
export class CallsTopic extends Topic {
  static override readonly definition = {
    path: [{ name: 'Team' }],
    retention: { envelopes: 5_000, ageMs: DAY_MS },
  };

  constructor(@Inject(Roster) private readonly roster: Roster) {
    super();
  }

  /** What no call says: who is there to take one. */
  override initialize({ parameters: { Team } }: TopicValue): readonly StreamEvent[] {
    return [{ event: 'Roster', data: { agents: this.roster.agentsOf(String(Team)) } }];
  }
}
