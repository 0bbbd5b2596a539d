import type { PipeTransform } from '@nestjs/common';
import { PipesContextCreator } from '@nestjs/core/internal';

/** What pipes are told of the context of a call; of an argument, its number. */
export const CONTEXT_DATA = 'context';

/** The pipes of a hub method, kept away from its context: most take whatever they are given for what a client sent. */
export class ArgumentPipes extends PipesContextCreator {
  override getPipeInstance(
    ...given: Parameters<PipesContextCreator['getPipeInstance']>
  ): PipeTransform | null {
    const pipe = super.getPipeInstance(...given);
    if (!pipe) return null;
    return {
      transform: (value, metadata) =>
        (metadata.data === CONTEXT_DATA ? value : pipe.transform(value, metadata)) as unknown,
    };
  }
}
