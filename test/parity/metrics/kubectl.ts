// Flow: what people type. Run through the API server, with a home of its own for each side.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlPlane } from '../../cluster/control-plane.ts';
import { type Normal, sortContainers, withoutTimeOfAnswer } from './normalize.ts';
import { lines, type Places } from './request.ts';

const runAtOnce = 3;

export function kubectlQuestions(places: Places): readonly (readonly string[])[] {
  const { namespace, pod, widePod, node, silentNode, emptyNamespace } = places;
  return lines(`
    top node
    top node ${node}
    top node ${silentNode}
    top node nope
    top node -l zone=a --no-headers
    top node --sort-by=cpu
    top node --sort-by=memory --show-capacity
    top node --use-protocol-buffers=false
    top node --show-swap
    top pod -A
    top pod -A --containers
    top pod -A --sum
    top pod -A --sort-by=cpu
    top pod -A --sort-by=memory --containers
    top pod -n ${namespace}
    top pod -n ${namespace} -l app=web --sum
    top pod -n ${namespace} --field-selector=metadata.name=${pod}
    top pod -n ${namespace} ${pod} --containers
    top pod -n ${namespace} nope
    top pod -n ${emptyNamespace}
    top pod -n ${namespace} -l app=nothing
    top pod -n ${namespace} --use-protocol-buffers=false --no-headers
    get nodemetrics
    get podmetrics -A
    get podmetrics -n ${namespace} -o wide
    get podmetrics -n ${namespace} --show-labels
    get podmetrics -n ${namespace} -L app,tier
    get podmetrics -n ${widePod.namespace} ${widePod.name} -o yaml
    get podmetrics -n ${widePod.namespace} ${widePod.name} -o json
    get podmetrics -n ${namespace} -o name
    get podmetrics -n ${namespace} -o custom-columns=N:.metadata.name,W:.window,T:.timestamp
    get podmetrics -n ${namespace} -o jsonpath={.items[*].window}
    get podmetrics -n ${namespace} --sort-by=.metadata.name
    get podmetrics -n ${emptyNamespace}
    get podmetrics -n ${namespace} nope
    get nodemetrics ${node} -o yaml
    get nodemetrics ${silentNode}
    get nodemetrics -w
    get nodes.metrics.k8s.io,pods.metrics.k8s.io -A
    get --raw /apis/metrics.k8s.io/v1beta1/nodes/${node}
    get podmetrics -n ${namespace} --as=stranger
    get podmetrics -n ${namespace} --as=tenant
    describe podmetrics -n ${namespace} ${pod}
    describe nodemetrics ${node}
    delete nodemetrics ${node}
    label podmetrics -n ${namespace} ${pod} a=b
    api-resources --api-group=metrics.k8s.io
    api-resources --api-group=metrics.k8s.io -o wide
    get apiservice v1beta1.metrics.k8s.io -o jsonpath={.status.conditions[0].status}
  `).map((line) => line.split(' '));
}

/** Exit code as the status, stderr as a header, so that they are compared like answers. */
export async function runKubectl(
  controlPlane: ControlPlane,
  commands: readonly (readonly string[])[],
  side: string,
): Promise<readonly Normal[]> {
  const home = join(controlPlane.dir, `home-${side}`);
  await mkdir(home, { recursive: true });
  const outputs: Normal[] = [];
  const left = commands.entries();
  const work = async (): Promise<void> => {
    for (const [index, args] of left) {
      const { code, stdout, stderr } = await controlPlane.kubectl(args, { env: { HOME: home } });
      outputs[index] = { status: code, headers: { stderr: clean(stderr) }, body: clean(stdout) };
    }
  };
  await Promise.all(Array.from({ length: runAtOnce }, work));
  return outputs;
}

/** Nodes without metrics come last in an order that is chance. */
function clean(text: string): string {
  const lines = withoutTimeOfAnswer(sortContainers(text))
    .replaceAll(/age: \S+/g, 'age: <age>')
    .split('\n');
  const unknown = lines.filter((line) => line.includes('<unknown>')).toSorted();
  let next = 0;
  return lines
    .map((line) => (line.includes('<unknown>') ? (unknown[next++] ?? line) : line))
    .join('\n')
    .replaceAll(/(Creation Timestamp: +)\S+/g, '$1<now>');
}
