// Against real sockets: servers that are not there, that hang, that refuse.
import { expect } from 'chai';
import { awaitFirstContact, untilGranted } from '../../src/compose/first-contact.ts';
import { ApiStatusError } from '../../src/kube/api-status-error.ts';
import { type ClosableApiClient, createApiClient } from '../../src/kube/client.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { FakeApiServer, send, status } from '../support/fake-apiserver.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { until } from '../support/until.ts';

describe('the start without an API server', () => {
  let server: FakeApiServer;
  let client: ClosableApiClient;
  let logger: RecordingLogger;
  let stop: AbortController;

  beforeEach(async () => {
    server = await new FakeApiServer().listen();
    logger = new RecordingLogger();
    stop = new AbortController();
    const kubeConfig = server.kubeConfig();
    client = createApiClient({
      kubeConfig,
      clock: systemClock,
      logger: silentLogger,
      userAgent: 'test',
      qps: -1,
      burst: 1,
    });
  });

  afterEach(async () => {
    stop.abort();
    await client.close();
    await server.close();
  });

  const wait = (): Promise<boolean> => awaitFirstContact(client, { clock: systemClock, logger }, stop.signal);
  const told = (): readonly string[] =>
    logger.lines.map(({ level, message, fields }) => `${level} ${message}: ${String(fields['problem'])}`);

  it('takes any answer for an answer, also a refusal, and says nothing', async () => {
    server.intercept = (_request, response) => {
      send(response, 403, status(403, 'Forbidden', 'no'));
      return true;
    };
    expect(await wait()).to.equal(true);
    expect(told()).to.deep.equal([]);
  });

  it('waits while nothing listens, says what the problem is once, and goes on within seconds of the first answer', async () => {
    const { port } = server;
    await server.close();
    const waiting = wait();
    await until(() => told().length > 0);
    await systemClock.sleep(1_000);
    expect(told()).to.deep.equal([
      `warn waiting for the API server: GET /version: connect ECONNREFUSED 127.0.0.1:${port}`,
    ]);
    server = await new FakeApiServer().listen(port);
    expect(await waiting).to.equal(true);
  });

  it('ends at once when told to stop while the server hangs', async () => {
    server.intercept = () => true;
    const waiting = wait();
    await until(() => server.requests.length > 0);
    const stoppedAtMs = Date.now();
    stop.abort();
    expect(await waiting).to.equal(false);
    expect(Date.now() - stoppedAtMs).to.be.below(1_000);
    expect(told()).to.deep.equal([]);
  });

  it('says once a minute that it still waits', async () => {
    const clock = new FakeClock();
    const request = () => Promise.reject(new HeadroomError('API_REQUEST_FAILED', 'GET /version: connect ECONNREFUSED'));
    const waiting = awaitFirstContact({ request, stream: request }, { clock, logger, random: () => 0 }, stop.signal);
    await clock.advance(185_000);
    expect(logger.lines.map(({ fields }) => Math.round(Number(fields['forMs']) / 60_000))).to.deep.equal([0, 1, 2, 3]);
    stop.abort();
    expect(await waiting).to.equal(false);
  });

  it('does not wait for what will not get better', async () => {
    const request = () => Promise.reject(new HeadroomError('CONFIG_INVALID', 'kubeconfig has no current cluster'));
    const waiting = awaitFirstContact({ request, stream: request }, { clock: new FakeClock(), logger }, stop.signal);
    expect(await waiting.catch((error: Error) => error.message)).to.equal('kubeconfig has no current cluster');
  });
});

describe('what an API server refuses that has just started', () => {
  const refusal = new ApiStatusError({ code: 403, reason: 'Forbidden', message: 'not yet' });
  const ask = (answers: readonly (() => Promise<string>)[], clock: FakeClock): Promise<string> => {
    const rest = [...answers];
    const read = (): Promise<string> => (rest.length > 1 ? rest.shift() : rest[0])?.() ?? Promise.reject(refusal);
    return untilGranted(read, { clock, logger: silentLogger }, new AbortController().signal);
  };
  const refuse = (): Promise<string> => Promise.reject(refusal);

  it('is asked for again until it is granted', async () => {
    const clock = new FakeClock();
    const granted = ask([refuse, refuse, () => Promise.resolve('roots')], clock);
    await clock.advance(1_000);
    expect(await granted).to.equal('roots');
  });

  it('is refused for good after some seconds, in the words of the last refusal', async () => {
    const clock = new FakeClock();
    const refused = ask([refuse], clock).catch((error: Error) => error.message);
    await clock.advance(8_000);
    expect(await refused).to.equal('not yet');
  });

  it('is not asked for again where no refusal was the problem', async () => {
    const broken = (): Promise<string> => Promise.reject(new HeadroomError('OBJECT_INVALID', 'not a JSON list'));
    const failed = ask([broken, () => Promise.resolve('never')], new FakeClock()).catch(
      (error: Error) => error.message,
    );
    expect(await failed).to.equal('not a JSON list');
  });
});
