import { expect } from 'chai';
import * as fc from 'fast-check';
import { renderScreen } from '../../demo/screen.ts';
import { Story } from '../../demo/story.ts';
import { plainText } from '../../demo/text.ts';
import { atSeconds, clusterView, decisionRecord, loadBeganAtMs, sceneOf } from '../support/demo-builders.ts';

/** Idle for 30 s, then busy; 1 -> 5 at 0:41; now it is 0:50. */
function busyStory(): Story {
  const story = new Story(loadBeganAtMs);
  story.loadChanged('idle', atSeconds(0));
  for (let second = 0; second < 30; second++) story.clusterSeen(clusterView(), atSeconds(second));
  story.loadChanged('busy', atSeconds(30));
  for (let second = 30; second < 42; second++) story.clusterSeen(clusterView({ utilization: 2.5 }), atSeconds(second));
  story.decided(decisionRecord());
  const five = clusterView({ replicas: 5, readyReplicas: 3, utilization: 0.8, usedCores: 0.8 });
  for (let second = 42; second <= 50; second++) story.clusterSeen(five, atSeconds(second));
  return story;
}

const scene = sceneOf({ forMs: 180_000 });
const input = { scene, story: busyStory(), nowMs: atSeconds(50) };

function render(columns: number, rows: number): readonly string[] {
  return renderScreen(input, { columns, rows }).map(plainText);
}

/** The whole screen at 100 columns. */
const wholeScreen = [
  ' Headroom  3 simulated nodes, php-apache                              0:50 of 3:00   Ctrl-C ends it',
  '',
  ' Load      ▁▁▁▁▁▁▁▁▁▁███████                                          busy: 0.8 cores, 0:55 left',
  '                     ████▅▅▅',
  ' Usage     ▃▃▃▃▃▃▃▃▃▃███████                                          80 % of request, 0.80 cores',
  '',
  ' Replicas  ▂▂▂▂▂▂▂▂▂▂▂▂▂▂███                                          5, 3 ready, from 1 to 10',
  '           0:00                                                 2:51',
  ' Usage now ████████████████████████████┃█████████████████░░░░░░░░░░░  target 50 %',
  '',
  ' kubectl get hpa',
  '   NAME         REFERENCE               TARGETS        MINPODS   MAXPODS   REPLICAS   AGE',
  '   php-apache   Deployment/php-apache   cpu: 20%/50%   1         10        5          50s',
  '',
  ' What was decided, and why',
  '    0:41  1 → 5    cpu 250 % of request, target 50 %: 1 pod × 5.00 → 5 (11.0 s after the load rose)',
  '     now  keep 5   just decided',
  '',
  ' kubectl describe hpa',
  '   AbleToScale  True   ReadyForNewScale  recommended size matches current size',
  '',
  ' In another terminal',
  '   export KUBECONFIG=/tmp/headroom-cluster-abc123/kubeconfig',
  '   kubectl top pods',
  '',
  ' Scale-down is stabilized for 15 s here.',
];

describe('the screen', () => {
  it('shows load, usage, replicas, the autoscaler, and what was decided', () => {
    expect(render(100, 40).map((line) => line.trimEnd())).to.deep.equal(wholeScreen);
  });

  it('fits any terminal', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 100 }), (columns, rows) => {
        const lines = render(columns, rows);
        expect(lines.length).to.be.at.most(rows);
        for (const line of lines) expect(line.length).to.be.at.most(columns);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the commands and the newest decision on 24 rows of 80 columns', () => {
    const lines = render(80, 24);
    for (const command of scene.commands) expect(lines).to.include(`   ${command}`);
    expect(lines.some((line) => line.includes('1 → 5'))).to.equal(true);
  });

  it('never cuts what is to be copied', () => {
    const shown = render(30, 100).join('');
    for (const command of scene.commands) expect(shown.replaceAll(' ', '')).to.include(command.replaceAll(' ', ''));
  });

  it('says that it waits before the first samples', () => {
    const story = new Story(loadBeganAtMs);
    story.loadChanged('idle', atSeconds(0));
    const waiting = renderScreen({ scene, story, nowMs: atSeconds(1) }, { columns: 100, rows: 40 });
    expect(waiting.map(plainText).join('\n')).to.include('waiting for the first scrapes');
  });
});
