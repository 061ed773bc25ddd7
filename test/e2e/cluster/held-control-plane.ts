// Flow: holds a control plane until it is killed; prints the identities of the components as one line of JSON.
import { startControlPlane } from '../../cluster/control-plane.ts';
import { identifyProcess } from '../../cluster/processes.ts';

const controlPlane = await startControlPlane();
console.log(JSON.stringify(controlPlane.pids().map(({ pid }) => identifyProcess(pid))));
setInterval(() => undefined, 60_000);
