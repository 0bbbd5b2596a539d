import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeBadInput } from './scenarios/bad-input.js';
import { describeCookies } from './scenarios/cookies.js';
import { describeMultisender } from './scenarios/multisender.js';
import { describeOneToOne } from './scenarios/one-to-one.js';
import { describeOrder } from './scenarios/order.js';
import { describeSdk } from './scenarios/sdk.js';
import { describeStrangeTexts } from './scenarios/strange-texts.js';
import { World } from './support/world.js';

describe('one node in memory, behind a load balancer', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.start({ nodes: 1 });
  });
  afterAll(() => world.close());

  describeMultisender(() => world);
  describeOneToOne(() => world);
  describeCookies(() => world);
  describeOrder(() => world);
  describeStrangeTexts(() => world);
  describeSdk(() => world);
  describeBadInput(() => world);
});
