import { IsIn, IsString, Matches, MaxLength, Min } from 'class-validator';
import { type CelRule, Default, Description, Int32 } from '../../operator/schema/index.ts';
import { LABEL_KEY, LABEL_KEY_MESSAGE } from './rules/label-rules.ts';

/** Spread of the pods of a component over topology domains. */
export class TopologySpread {
  @Description('Maximum difference in the number of pods between two topology domains.')
  @Default(1)
  @Int32()
  @Min(1)
  maxSkew!: number;

  @Description(
    'Node label that defines the topology domains: kubernetes.io/hostname for nodes, topology.kubernetes.io/zone for zones.',
  )
  @IsString()
  @MaxLength(253)
  @Matches(LABEL_KEY, { message: LABEL_KEY_MESSAGE })
  topologyKey!: string;

  @Description(
    'What to do with a pod that violates the spread: ScheduleAnyway, or DoNotSchedule (the pod stays pending).',
  )
  @Default('ScheduleAnyway')
  @IsString()
  @IsIn(['ScheduleAnyway', 'DoNotSchedule'])
  whenUnsatisfiable!: 'ScheduleAnyway' | 'DoNotSchedule';
}

// Not `.?whenUnsatisfiable.orValue(…)`: the API server cannot bound the length of an optional string, and so the rule's cost.
const isStrict = (spread: string) =>
  `(has(${spread}.whenUnsatisfiable) && ${spread}.whenUnsatisfiable == 'DoNotSchedule')`;

/** As Kubernetes requires of pods. Not the keys of a list of type map, as those must be stored with their defaults. */
export const spreadsDiffer: CelRule<TopologySpread[]> = {
  rule: `self.all(a, self.exists_one(b, a.topologyKey == b.topologyKey && ${isStrict('a')} == ${isStrict('b')}))`,
  message: 'has two entries with the same topologyKey and whenUnsatisfiable: remove one of them',
  check: (spreads) =>
    new Set(spreads.map(({ topologyKey, whenUnsatisfiable }) => `${topologyKey} ${whenUnsatisfiable}`)).size ===
    spreads.length,
};
