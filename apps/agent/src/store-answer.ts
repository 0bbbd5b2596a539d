import { HubError } from '@ringback/contract';
import { describeReply } from '@ringback/redis';

/** Does some work with the store; what fails in it, but for refusals of our own and of Redis, becomes `relay-unavailable`. */
export async function storeAnswer<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof HubError) throw error;
    throw (
      describeReply(error) ??
      new HubError('relay-unavailable', 'The store of the agent does not answer.', { cause: error })
    );
  }
}
