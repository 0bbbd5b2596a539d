import { Injectable } from '@nestjs/common';

const AGENTS = ['Ada', 'Grace', 'Linus'];

/** Who works for which team. */
@Injectable()
export class Roster {
  agentsOf(_team: string): readonly string[] {
    return AGENTS;
  }
}
