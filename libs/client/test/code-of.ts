import { HubError } from '@ringback/contract';

/** The code with which a command is rejected, heard from the moment of the call; `accepted` if it is not. */
export async function codeOf(command: Promise<unknown>): Promise<string> {
  try {
    await command;
    return 'accepted';
  } catch (error) {
    return HubError.from(error).code;
  }
}
