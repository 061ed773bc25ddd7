import { expect } from 'chai';
import { parseReportedEvents } from './reported-events.ts';

const header =
  'I1121 18:23:41.985107   12031 event.go:389] "Event occurred" logger="horizontal-pod-autoscaler-controller"';
const kind = 'fieldPath="" kind="HorizontalPodAutoscaler" apiVersion="autoscaling/v2"';

describe('the events in the log of kube-controller-manager', () => {
  it('are found among other lines, with quotes in their messages', () => {
    const log = [
      'E1121 18:23:52.874917   12031 horizontal.go:289] "Unhandled Error" err="failed"',
      `${header} object="ns/web" ${kind} type="Warning" reason="FailedGetScale" message="deployments.apps \\"web\\" not found"`,
      'I1121 18:23:53.000000   12031 controllermanager.go:206] "Golang settings" GOGC=""',
    ].join('\n');
    expect(parseReportedEvents(log, 2026)).to.deep.equal([
      {
        hpa: 'ns/web',
        atMs: new Date(2026, 10, 21, 18, 23, 41).getTime(),
        type: 'Warning',
        reason: 'FailedGetScale',
        message: 'deployments.apps "web" not found',
      },
    ]);
  });

  it('are found without the name of a logger', () => {
    const log = `${header.replace(/ logger=.*/, '')} object="ns/web" ${kind} type="Normal" reason="SuccessfulRescale" message="New size: 3; reason: "`;
    expect(parseReportedEvents(log, 2026).map(({ message }) => message)).to.deep.equal(['New size: 3; reason: ']);
  });
});
