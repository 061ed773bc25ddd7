// mocha's spec reporter that also adds its counts and failures to the file named by HEADROOM_TEST_COUNTS, so that several runs can be summed up.
'use strict';
const { appendFileSync } = require('node:fs');
const { reporters } = require('mocha');

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const failed = [];
    runner.on('fail', (test, error) => {
      failed.push({ title: test.fullTitle(), error: String(error?.stack ?? error?.message ?? error) });
    });
    runner.once('end', () => {
      const file = process.env.HEADROOM_TEST_COUNTS;
      if (file === undefined) return;
      const { passes, failures, pending } = this.stats;
      appendFileSync(file, `${JSON.stringify({ passes, failures, pending, failed })}\n`);
    });
  }
};
