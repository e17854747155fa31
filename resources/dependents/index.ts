/** All dependents of a RestAPI. Each class generates objects of one kind; importing this file registers them. */
export * from './check-job.ts';
export * from './component-autoscaler.ts';
export * from './component-deployment.ts';
export * from './component-disruption-budget.ts';
export * from './component-network-policy.ts';
export * from './component-service.ts';
export * from './component-service-account.ts';
export * from './environment-config-map.ts';
export * from './environment-service.ts';
export * from './front-service.ts';
export * from './metrics-monitor.ts';
export * from './preview-service.ts';
export * from './repository-claim.ts';
export * from './revision-history.ts';
export * from './scaling-record.ts';
export * from './view-http-route.ts';
export * from './view-ingress.ts';
