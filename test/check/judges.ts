// Flow: two real API servers, one as it comes and one with HPAScaleToZero, that judge the manifests of the table.
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { type ApiAnswer, askApiServer } from './api-answer.ts';
import { manifestCases } from './manifests.ts';

const crd = new URL('../../config/crd/autoscaling.headroom.dev_headroomautoscalers.yaml', import.meta.url).pathname;

export interface Judges extends AsyncDisposable {
  /** The one without feature gates; its controllers run, that of HPAs too. */
  readonly usual: ControlPlane;
  /** Answers to the whole table, by title. */
  ask(): Promise<Record<string, ApiAnswer>>;
}

export async function startJudges(): Promise<Judges> {
  await using undo = new AsyncDisposableStack();
  const usual = undo.use(
    await startControlPlane({
      hpaController: 'on',
      extraFlags: { 'kube-controller-manager': ['--horizontal-pod-autoscaler-sync-period=1s'] },
    }),
  );
  const gated = undo.use(
    await startControlPlane({ extraFlags: { 'kube-apiserver': ['--feature-gates=HPAScaleToZero=true'] } }),
  );
  await usual.kubectl(['apply', '-f', crd]);
  await usual.kubectl(['wait', '--for=condition=Established', 'crd/headroomautoscalers.autoscaling.headroom.dev']);
  const parts = undo.move();
  return {
    usual,
    ask: async () => {
      const answers = {
        ...(await askApiServer(
          usual,
          manifestCases.filter(({ scaleToZero }) => scaleToZero !== true),
        )),
        ...(await askApiServer(
          gated,
          manifestCases.filter(({ scaleToZero }) => scaleToZero === true),
        )),
      };
      // In the order of the table, so that a recording shows what changed.
      return Object.fromEntries(
        manifestCases.flatMap(({ title }) => {
          const answer = answers[title];
          return answer === undefined ? [] : [[title, answer]];
        }),
      );
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
