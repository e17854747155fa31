import { SERVICE_ROUTES, type ServiceRoute } from '../services/service-route.ts';
import { ArgumentError } from '../terminal/argument-error.ts';

/** Reads the value of --service-route. @throws ArgumentError */
export function readServiceRoute(text: string | undefined): ServiceRoute | undefined {
  const route = SERVICE_ROUTES.find((one) => one === text);
  if (route === undefined && text !== undefined) {
    throw new ArgumentError(`--service-route: "${text}" is not one of ${SERVICE_ROUTES.join(', ')}`);
  }
  return route;
}
