import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, IsString, MaxLength } from 'class-validator';

const MAX_WORD_LENGTH = 4_096;

/** The rules of an optional command or its arguments. @param size how many words it may have */
export function CommandWords({ least = 0, most }: { least?: number; most: number }): PropertyDecorator {
  return (target, property) => {
    // From the last to the first, as decorators are applied.
    MaxLength(MAX_WORD_LENGTH, { each: true })(target, property);
    IsString({ each: true })(target, property);
    ArrayMaxSize(most)(target, property);
    if (least > 0) ArrayMinSize(least)(target, property);
    IsArray()(target, property);
    IsOptional()(target, property);
  };
}
