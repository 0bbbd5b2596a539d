import type { HistoryOverride } from '@ringback/core';
import { definitionOf, type TopicClass } from './topic.js';
import { makeType } from './topic-registry.js';
import type { TopicDefinition } from './topic.definition.js';

/** How much the hub is to keep of the events of these topics: for its option `history.overrides`. Throws `StartupError`. */
export function topicHistory(topics: readonly (TopicClass | TopicDefinition)[]): readonly HistoryOverride[] {
  return topics.map(definitionOf).flatMap(overridesOf);
}

function overridesOf(definition: TopicDefinition): readonly HistoryOverride[] {
  const { retention } = definition;
  if (!retention) return [];
  return makeType(definition).historyPatterns.map((pattern) => Object.assign({ pattern }, retention));
}
