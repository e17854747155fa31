import { expect, test } from 'vitest';
import { dependentsOf } from '../../operator/index.ts';
import { ComponentService, FrontService, PreviewService, RestAPI } from '../../resources/index.ts';

test.each([ComponentService, PreviewService])(
  '%o is applied after the front Service, whose write is the switch',
  (of) => {
    const registration = dependentsOf(RestAPI).find(({ dependentClass }) => dependentClass === of);
    expect(registration?.dependsOn ?? []).toEqual([FrontService]);
  },
);
