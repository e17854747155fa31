import type { Ownership } from '../../../operator/reconcile/desired-object.ts';

/** The marks of an operator named `test`. */
export const OWNERSHIP: Ownership = {
  fieldManager: 'test',
  hashAnnotation: 'example.com/applied-hash',
  dependentAnnotation: 'example.com/dependent',
  retainedAnnotation: 'example.com/retained-for',
  generationAnnotation: 'example.com/made-for',
  termAnnotation: 'example.com/leader-term',
  givenUpAnnotation: 'example.com/given-up-fields',
};
