import { cellsOf, inWaves, runMatrix } from './matrix.ts';
import { apiServerKilled, etcdRestored } from './waves.ts';

runMatrix(
  [
    ...inWaves('killed', cellsOf('API server killed and back'), apiServerKilled),
    ...inWaves('older', cellsOf('etcd restored from a snapshot'), (world, name, cells) =>
      etcdRestored(world, name, cells, false),
    ),
    ...inWaves('passed', cellsOf('etcd restored from a snapshot and past our version'), (world, name, cells) =>
      etcdRestored(world, name, cells, true),
    ),
  ],
  true,
);
