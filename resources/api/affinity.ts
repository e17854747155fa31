import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { Cel, type CelRule, Description, Int32, MapOf } from '../../operator/schema/index.ts';
import { LABEL_KEY, LABEL_VALUE, LABELS } from './rules/label-rules.ts';

/**
 * The API server estimates the cost of a CEL rule from the maximum number of terms, expressions and values, and limits
 * the cost of a CRD. Hence these bounds, and plain patterns instead of CEL rules with messages.
 */
const MAX_TERMS = 8;
const MAX_EXPRESSIONS = 8;
const MAX_VALUES = 32;

interface Requirement {
  operator: string;
  values?: string[];
}

const someValues: CelRule<Requirement> = {
  rule: "!(self.operator in ['In', 'NotIn']) || (has(self.values) && self.values.size() > 0)",
  message: 'operators In and NotIn need at least one value',
  check: ({ operator, values }) => !['In', 'NotIn'].includes(operator) || (values?.length ?? 0) > 0,
};

const noValues: CelRule<Requirement> = {
  rule: "!(self.operator in ['Exists', 'DoesNotExist']) || !has(self.values) || self.values.size() == 0",
  message: 'operators Exists and DoesNotExist take no values: remove them',
  check: ({ operator, values }) => !['Exists', 'DoesNotExist'].includes(operator) || (values?.length ?? 0) === 0,
};

const oneNumber: CelRule<Requirement> = {
  rule: "!(self.operator in ['Gt', 'Lt']) || (has(self.values) && self.values.size() == 1 && self.values[0].matches('^[0-9]{1,18}$'))",
  message: 'operators Gt and Lt need exactly one value, a whole number',
  check: ({ operator, values }) =>
    !['Gt', 'Lt'].includes(operator) || (values?.length === 1 && /^[0-9]{1,18}$/.test(values[0] ?? '')),
};

/** A label and the values it is compared with. */
class LabelComparison {
  @Description('Label key.')
  @IsString()
  @MaxLength(253)
  @Matches(LABEL_KEY)
  key!: string;

  @Description('Values that the label is compared with.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_VALUES)
  @IsString({ each: true })
  @MaxLength(63, { each: true })
  @Matches(LABEL_VALUE, { each: true })
  values?: string[];
}

/** A requirement on a pod label. */
@Cel(someValues, noValues)
class LabelRequirement extends LabelComparison {
  @Description('How the label is compared with the values.')
  @IsString()
  @IsIn(['In', 'NotIn', 'Exists', 'DoesNotExist'])
  operator!: string;
}

/** A requirement on a node label. */
@Cel(someValues, noValues, oneNumber)
class NodeRequirement extends LabelComparison {
  @Description('How the label is compared with the values. Gt and Lt compare whole numbers.')
  @IsString()
  @IsIn(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'])
  operator!: string;
}

/** Nodes that meet all of the requirements. */
class NodeTerm {
  @Description('Requirements on the node labels. A node must meet all of them.')
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_EXPRESSIONS)
  @ValidateNested({ each: true })
  @Type(() => NodeRequirement)
  matchExpressions!: NodeRequirement[];
}

/** Nodes that match any of the terms. */
class NodeSelector {
  @Description('Node selector terms. A node must match at least one of them.')
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_TERMS)
  @ValidateNested({ each: true })
  @Type(() => NodeTerm)
  nodeSelectorTerms!: NodeTerm[];
}

class PreferredNodes {
  @Description('Weight of this preference relative to the others, 1 to 100.')
  @Int32()
  @Min(1)
  @Max(100)
  weight!: number;

  @Description('The preferred nodes.')
  @ValidateNested()
  @Type(() => NodeTerm)
  preference!: NodeTerm;
}

/** Node affinity of the pods. */
class NodeAffinity {
  @Description('Nodes that the pods must run on.')
  @IsOptional()
  @ValidateNested()
  @Type(() => NodeSelector)
  requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;

  @Description('Nodes that the scheduler prefers for the pods.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_TERMS)
  @ValidateNested({ each: true })
  @Type(() => PreferredNodes)
  preferredDuringSchedulingIgnoredDuringExecution?: PreferredNodes[];
}

class LabelSelector {
  @Description('Labels that the pods must have.')
  @IsOptional()
  @MapOf({ ...LABELS, maxProperties: MAX_EXPRESSIONS })
  matchLabels?: Record<string, string>;

  @Description('Requirements on the pod labels. A pod must meet all of them.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_EXPRESSIONS)
  @ValidateNested({ each: true })
  @Type(() => LabelRequirement)
  matchExpressions?: LabelRequirement[];
}

/** Pods of the same namespace and a topology domain. */
export class PodTerm {
  @Description("Selects the pods. Defaults to the component's own pods.")
  @IsOptional()
  @ValidateNested()
  @Type(() => LabelSelector)
  labelSelector?: LabelSelector;

  @Description(
    'Node label that defines the topology domain: kubernetes.io/hostname for the same node, topology.kubernetes.io/zone for the same zone.',
  )
  @IsString()
  @MaxLength(253)
  @Matches(LABEL_KEY)
  topologyKey!: string;
}

class PreferredPods {
  @Description('Weight of this preference relative to the others, 1 to 100.')
  @Int32()
  @Min(1)
  @Max(100)
  weight!: number;

  @Description('The pods and the topology domain.')
  @ValidateNested()
  @Type(() => PodTerm)
  podAffinityTerm!: PodTerm;
}

/** Affinity or anti-affinity to other pods. */
export class PodAffinity {
  @Description('Rules that must be met for a pod to be scheduled.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_TERMS)
  @ValidateNested({ each: true })
  @Type(() => PodTerm)
  requiredDuringSchedulingIgnoredDuringExecution?: PodTerm[];

  @Description('Rules that the scheduler prefers to meet.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_TERMS)
  @ValidateNested({ each: true })
  @Type(() => PreferredPods)
  preferredDuringSchedulingIgnoredDuringExecution?: PreferredPods[];
}

/** Affinity with the fields of a pod's affinity, except those that select other namespaces. */
export class Affinity {
  @Description('Rules for the nodes that the pods run on.')
  @IsOptional()
  @ValidateNested()
  @Type(() => NodeAffinity)
  nodeAffinity?: NodeAffinity;

  @Description("Pods near which this component's pods run.")
  @IsOptional()
  @ValidateNested()
  @Type(() => PodAffinity)
  podAffinity?: PodAffinity;

  @Description("Pods away from which this component's pods run.")
  @IsOptional()
  @ValidateNested()
  @Type(() => PodAffinity)
  podAntiAffinity?: PodAffinity;
}
