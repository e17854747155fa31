import { FAULTS_OF_ONE_KIND } from './faults.ts';
import { cellsOf, inWaves, runMatrix } from './matrix.ts';
import { faultsOfOneKind } from './waves.ts';

runMatrix(inWaves('one-kind', cellsOf(...Object.keys(FAULTS_OF_ONE_KIND)), faultsOfOneKind), false);
