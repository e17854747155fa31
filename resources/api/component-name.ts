/** The components of an MVC+R application, in the order in which they are listed everywhere. */
export const COMPONENTS = ['model', 'view', 'controller', 'repository'] as const;

/** Name of a component and of its field in `spec`. */
export type ComponentName = (typeof COMPONENTS)[number];
