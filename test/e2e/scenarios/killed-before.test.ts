import { runScenarios } from './run-scenarios.ts';

runScenarios('cut-before');
