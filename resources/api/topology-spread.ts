import { IsIn, IsString, Matches, MaxLength, Min } from 'class-validator';
import { Default, Description, Int32 } from '../../operator/schema/index.ts';
import { LABEL_KEY, LABEL_KEY_MESSAGE } from './rules/label-rules.ts';

/** How evenly the pods of a component are spread over parts of the cluster. */
export class TopologySpread {
  @Description('By how many pods two parts may differ.')
  @Default(1)
  @Int32()
  @Min(1)
  maxSkew!: number;

  @Description(
    'Label of nodes that tells the parts: kubernetes.io/hostname for nodes, topology.kubernetes.io/zone for zones.',
  )
  @IsString()
  @MaxLength(253)
  @Matches(LABEL_KEY, { message: LABEL_KEY_MESSAGE })
  topologyKey!: string;

  @Description('What to do with a pod that cannot be placed so: ScheduleAnyway, or DoNotSchedule, which lets it wait.')
  @Default('ScheduleAnyway')
  @IsString()
  @IsIn(['ScheduleAnyway', 'DoNotSchedule'])
  whenUnsatisfiable!: 'ScheduleAnyway' | 'DoNotSchedule';
}
