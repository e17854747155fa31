import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { historyOf, historyText } from '../../../src/scaling/vertical/index.ts';
import { type Estimate, estimate } from '../../../src/scaling/vertical/recommendation.ts';
import { LOADS, play } from './vertical-loads.ts';

interface Answer {
  load: string;
  minute: number;
  target: Estimate;
  lower: Estimate;
  upper: Estimate;
}

/** What the recommender of the Vertical Pod Autoscaler v1.8.1 itself says, see vpa-reference/main.go. */
const ANSWERS: Answer[] = JSON.parse(readFileSync(join(import.meta.dirname, 'vertical-reference.json'), 'utf8'));

/** It cuts off to whole thousandths of a core and bytes at each step. One bucket more or less would be 5 %. */
const near = (ours: Estimate, theirs: Estimate) =>
  Math.abs(ours.cpu - theirs.cpu) <= 0.002 + 0.015 * theirs.cpu &&
  Math.abs(ours.memory - theirs.memory) <= 16 + 1e-6 * theirs.memory;

const compared = (name: string, restart: boolean) => {
  const answers = ANSWERS.filter(({ load }) => load === name);
  const differences: object[] = [];
  let compared = 0;
  const load = LOADS[name];
  if (!load) throw new Error(`there is no load ${name}`);
  play(load, (minute, history) => {
    const answer = answers.find((one) => one.minute === minute);
    if (!answer) return undefined;
    compared++;
    const ours = estimate(history);
    const same = (['target', 'lower', 'upper'] as const).every((which) => ours && near(ours[which], answer[which]));
    if (!same) differences.push({ ours, answer });
    return restart ? historyOf(historyText(history)).history : undefined;
  });
  expect(compared).toBe(answers.length);
  return differences;
};

test.each(Object.keys(LOADS))('the load %s: the same as VPA itself says, all along', (name) => {
  expect(compared(name, false)).toEqual([]);
});

test.each(Object.keys(LOADS))('the load %s: the same with the history written and read again twice a day', (name) => {
  expect(compared(name, true)).toEqual([]);
});
