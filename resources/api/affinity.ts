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
 * Every rule in here counts once for each term, expression and value there may be, and all rules of a CRD together may
 * only cost so much: hence the bounds, and plain patterns where elsewhere a rule says in words what is wrong.
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
  message: 'operators In and NotIn need values',
  check: ({ operator, values }) => !['In', 'NotIn'].includes(operator) || (values?.length ?? 0) > 0,
};

const noValues: CelRule<Requirement> = {
  rule: "!(self.operator in ['Exists', 'DoesNotExist']) || !has(self.values) || self.values.size() == 0",
  message: 'operators Exists and DoesNotExist look at no values: remove them',
  check: ({ operator, values }) => !['Exists', 'DoesNotExist'].includes(operator) || (values?.length ?? 0) === 0,
};

const oneNumber: CelRule<Requirement> = {
  rule: "!(self.operator in ['Gt', 'Lt']) || (has(self.values) && self.values.size() == 1 && self.values[0].matches('^[0-9]{1,18}$'))",
  message: 'operators Gt and Lt need one value, a whole number',
  check: ({ operator, values }) =>
    !['Gt', 'Lt'].includes(operator) || (values?.length === 1 && /^[0-9]{1,18}$/.test(values[0] ?? '')),
};

/** A label, and what it is compared with. */
class LabelComparison {
  @Description('Key of the label.')
  @IsString()
  @MaxLength(253)
  @Matches(LABEL_KEY)
  key!: string;

  @Description('Values to compare with.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_VALUES)
  @IsString({ each: true })
  @MaxLength(63, { each: true })
  @Matches(LABEL_VALUE, { each: true })
  values?: string[];
}

/** What a label of a pod must be. */
@Cel(someValues, noValues)
class LabelRequirement extends LabelComparison {
  @Description('How the label is compared with values.')
  @IsString()
  @IsIn(['In', 'NotIn', 'Exists', 'DoesNotExist'])
  operator!: string;
}

/** What a label of a node must be. */
@Cel(someValues, noValues, oneNumber)
class NodeRequirement extends LabelComparison {
  @Description('How the label is compared with values; Gt and Lt compare whole numbers.')
  @IsString()
  @IsIn(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'])
  operator!: string;
}

/** Nodes that meet all of these. */
class NodeTerm {
  @Description('What labels of nodes must be, all of them.')
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_EXPRESSIONS)
  @ValidateNested({ each: true })
  @Type(() => NodeRequirement)
  matchExpressions!: NodeRequirement[];
}

/** Nodes that meet any of the terms. */
class NodeSelector {
  @Description('Nodes must meet one of these.')
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_TERMS)
  @ValidateNested({ each: true })
  @Type(() => NodeTerm)
  nodeSelectorTerms!: NodeTerm[];
}

class PreferredNodes {
  @Description('How much it counts beside other wishes: 1 to 100.')
  @Int32()
  @Min(1)
  @Max(100)
  weight!: number;

  @Description('The nodes preferred.')
  @ValidateNested()
  @Type(() => NodeTerm)
  preference!: NodeTerm;
}

/** Which nodes pods go to. */
class NodeAffinity {
  @Description('Nodes that pods must run on.')
  @IsOptional()
  @ValidateNested()
  @Type(() => NodeSelector)
  requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;

  @Description('Nodes that pods run on rather than on others.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_TERMS)
  @ValidateNested({ each: true })
  @Type(() => PreferredNodes)
  preferredDuringSchedulingIgnoredDuringExecution?: PreferredNodes[];
}

class LabelSelector {
  @Description('Labels that pods must have.')
  @IsOptional()
  @MapOf({ ...LABELS, maxProperties: MAX_EXPRESSIONS })
  matchLabels?: Record<string, string>;

  @Description('What labels of pods must be, all of them.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_EXPRESSIONS)
  @ValidateNested({ each: true })
  @Type(() => LabelRequirement)
  matchExpressions?: LabelRequirement[];
}

/** Pods of the same namespace, and what counts as near them. */
export class PodTerm {
  @Description("Which pods. This component's own if left out.")
  @IsOptional()
  @ValidateNested()
  @Type(() => LabelSelector)
  labelSelector?: LabelSelector;

  @Description(
    'Label of nodes that says what is near: kubernetes.io/hostname for the same node, topology.kubernetes.io/zone for the same zone.',
  )
  @IsString()
  @MaxLength(253)
  @Matches(LABEL_KEY)
  topologyKey!: string;
}

class PreferredPods {
  @Description('How much it counts beside other wishes: 1 to 100.')
  @Int32()
  @Min(1)
  @Max(100)
  weight!: number;

  @Description('The pods.')
  @ValidateNested()
  @Type(() => PodTerm)
  podAffinityTerm!: PodTerm;
}

/** Which pods a component's pods go near to, or keep away from. */
export class PodAffinity {
  @Description('What must hold for a pod to be placed.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_TERMS)
  @ValidateNested({ each: true })
  @Type(() => PodTerm)
  requiredDuringSchedulingIgnoredDuringExecution?: PodTerm[];

  @Description('What had better hold.')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_TERMS)
  @ValidateNested({ each: true })
  @Type(() => PreferredPods)
  preferredDuringSchedulingIgnoredDuringExecution?: PreferredPods[];
}

/** Where pods go; the fields are those of a pod, without other namespaces. */
export class Affinity {
  @Description('Which nodes pods go to.')
  @IsOptional()
  @ValidateNested()
  @Type(() => NodeAffinity)
  nodeAffinity?: NodeAffinity;

  @Description('Which pods they go near to.')
  @IsOptional()
  @ValidateNested()
  @Type(() => PodAffinity)
  podAffinity?: PodAffinity;

  @Description('Which pods they keep away from.')
  @IsOptional()
  @ValidateNested()
  @Type(() => PodAffinity)
  podAntiAffinity?: PodAffinity;
}
