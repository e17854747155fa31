declare module 'class-transformer/cjs/storage.js' {
  interface TypeMetadata {
    typeFunction?: () => unknown;
  }
  export const defaultMetadataStorage: {
    // biome-ignore lint/complexity/noBannedTypes: a class as decorators see it
    findTypeMetadata(target: Function, propertyName: string): TypeMetadata | undefined;
  };
}
