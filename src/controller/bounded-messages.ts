import { RELEASE_MESSAGE_MAX_LENGTH, type RestAPIStatus } from '../../resources/index.ts';

/**
 * Cuts the messages about releases to the length that the CRD allows. They quote names and errors that users, webhooks and images
 * choose, and the API server rejects the whole status for one that is longer. Conditions are cut by conditions(). Pure.
 */
export function boundedMessages(status: RestAPIStatus): RestAPIStatus {
  const { release, rejections, history, hooks } = status;
  return {
    ...status,
    ...(release && { release: bounded(release) }),
    ...(rejections && { rejections: rejections.map(bounded) }),
    ...(history && { history: history.map(bounded) }),
    ...(hooks && { hooks: hooks.map(bounded) }),
  };
}

function bounded<T extends { message: string; problem?: string }>(item: T): T {
  const { message, problem } = item;
  return { ...item, message: cut(message), ...(problem !== undefined && { problem: cut(problem) }) };
}

/** Counts UTF-16 units, of which there are never fewer than the characters that the API server counts. */
function cut(text: string): string {
  return text.slice(0, RELEASE_MESSAGE_MAX_LENGTH).toWellFormed();
}
