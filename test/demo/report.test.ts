import { expect } from 'chai';
import { nothingTold, reportNews } from '../../demo/report.ts';
import { Story } from '../../demo/story.ts';
import { atSeconds, clusterView, decisionRecord, loadBeganAtMs, sceneOf } from '../support/demo-builders.ts';

describe('the report for pipes', () => {
  it('tells each change once, in the order of time', () => {
    const story = new Story(loadBeganAtMs);
    story.loadChanged('idle', atSeconds(0));
    story.clusterSeen(clusterView(), atSeconds(1));
    const first = reportNews(story, sceneOf(), nothingTold);
    expect(first.lines).to.deep.equal([
      '   0:00  load    idle: 0.04 cores',
      '   0:01  hpa     cpu: 20%/50%, replicas 1',
    ]);

    story.clusterSeen(clusterView(), atSeconds(2));
    const second = reportNews(story, sceneOf(), first.told);
    expect(second.lines).to.deep.equal([]);

    story.loadChanged('busy', atSeconds(30));
    story.decided(decisionRecord({ atMs: atSeconds(41.2) }));
    story.clusterSeen(clusterView({ replicas: 5 }), atSeconds(42));
    expect(reportNews(story, sceneOf(), second.told).lines).to.deep.equal([
      '   0:30  load    busy: 0.8 cores',
      '   0:41  scaled  1 → 5: cpu 250 % of request, target 50 %: 1 pod × 5.00 → 5 (11.2 s after the load rose)',
      '   0:42  hpa     cpu: 20%/50%, replicas 5',
    ]);
  });
});
