import { expect, test } from 'vitest';
import { dependentsOf } from '../../operator/index.ts';
import { ComponentService, FrontService, PreviewService, RestAPI } from '../../resources/index.ts';

test.each([ComponentService, PreviewService])(
  '%o is written after the front Service, as a switch is that one write',
  (of) => {
    const registration = dependentsOf(RestAPI).find(({ dependentClass }) => dependentClass === of);
    expect(registration?.dependsOn ?? []).toEqual([FrontService]);
  },
);
