import type { ResourceViews } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';
import { fleetRow } from './fleet-row.ts';
import { restApiView } from './rest-api-view.ts';

/** The dashboard's views of RestAPIs. */
export const restApiViews: ResourceViews<RestAPI> = { row: fleetRow, full: restApiView };
