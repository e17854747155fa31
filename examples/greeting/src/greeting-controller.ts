import {
  Controller,
  OnAdded,
  OnModified,
  type ReconcileContext,
  type ReconcileResult,
  type ResourceEvent,
} from 'restapi-operator/operator';
import { Greeting } from './greeting.ts';
// Importing a dependent registers it.
import './greeting-card.ts';

@Controller({ resource: Greeting, finalizer: 'example.com/finalizer' })
export class GreetingController {
  /** Runs when a Greeting changes, and when its ConfigMap is changed or deleted by others. */
  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, context: ReconcileContext<Greeting>): Promise<ReconcileResult> {
    // Creates, updates and deletes dependents; sends nothing when they are as desired.
    const { notReady } = await context.apply();
    return { status: { ready: notReady.length === 0 } };
  }
}
