import { crdYaml } from 'restapi-operator/operator';
import { Greeting } from './greeting.ts';

// npm run --silent crd | kubectl apply -f -
process.stdout.write(crdYaml(Greeting));
