import { crdYaml } from 'restapi-operator/operator';
import { Catalog } from './catalog.ts';

// npm run --silent crd | kubectl apply -f -
process.stdout.write(crdYaml(Catalog));
