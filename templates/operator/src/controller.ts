import {
  Controller,
  OnAdded,
  OnModified,
  type ReconcileContext,
  type ReconcileResult,
  type ResourceEvent,
} from 'restapi-operator/operator';
// Loading a dependent registers it.
import './config-map.ts';
import { Widget, type WidgetStatus } from './resource.ts';

@Controller({ resource: Widget, finalizer: 'example.com/finalizer' })
export class WidgetController {
  /** Runs when a Widget or one of its dependents changes. */
  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, context: ReconcileContext<Widget>): Promise<ReconcileResult<WidgetStatus>> {
    const { notReady } = await context.apply();
    return { status: { ready: notReady.length === 0 } };
  }
}
