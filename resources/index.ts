/** The RestAPI class and everything generated for it: a dependent takes part as soon as it is listed here. */
export * from './component-deployment.ts';
export * from './component-disruption-budget.ts';
export * from './component-network-policy.ts';
export * from './component-service.ts';
export * from './component-service-account.ts';
export * from './decision.ts';
export * from './environment-config-map.ts';
export * from './repository-claim.ts';
export * from './rest-api.ts';
export * from './view-http-route.ts';
export * from './view-ingress.ts';
