/** A block of commands in a tutorial, and what it prints according to the page. */
export interface TutorialStep {
  /** The heading above it. */
  section: string;
  commands: string;
  /** Lines; `…` stands for any text, also for no or several lines where it is alone on its line. */
  prints: string[];
}

const HEADING_OR_STEP =
  /^## (?<heading>.+)$|^<!-- tour -->\n```sh\n(?<commands>[\s\S]*?)^```\n\n```text\n(?<prints>[\s\S]*?)^```$/gm;

/** Reads the steps of a page: blocks of commands after `<!-- tour -->`, each followed by a block of what they print. */
export function tutorialSteps(page: string): TutorialStep[] {
  const steps: TutorialStep[] = [];
  let section = '';
  for (const { groups = {} } of page.matchAll(HEADING_OR_STEP)) {
    if (groups.heading !== undefined) section = groups.heading;
    else steps.push({ section, commands: groups.commands ?? '', prints: (groups.prints ?? '').trimEnd().split('\n') });
  }
  const marks = page.split('<!-- tour -->').length - 1;
  if (steps.length !== marks)
    throw new Error(`${marks} steps are marked, and ${steps.length} have commands and output`);
  return steps;
}

/**
 * Returns a pattern for the output of a step: its lines in this order, with blanks of any width, and nothing else but what `…`
 * stands for.
 */
export function outputPattern(prints: readonly string[]): RegExp {
  const lines = prints.map((line) =>
    line === '…'
      ? '(?:.*\\n)*'
      : `${line
          .split('…')
          .map((part) => part.split(/\s+/).map(escapeRegExp).join('\\s+'))
          .join('.*')}\\s*\\n`,
  );
  return new RegExp(`^${lines.join('')}$`);
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
