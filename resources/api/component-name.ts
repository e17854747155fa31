/** The parts of an MVC+R application, in the order in which they are written about. */
export const COMPONENTS = ['model', 'view', 'controller', 'repository'] as const;

/** The name of one component; also the name of its field in `spec`. */
export type ComponentName = (typeof COMPONENTS)[number];
