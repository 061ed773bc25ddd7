import { expect } from 'chai';
import { createServiceAccountTokens } from '../../src/kube/service-account-tokens.ts';
import type { ApiClient, ApiRequest } from '../../src/kube/types.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import { failureOf } from '../support/failure-of.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

const minuteMs = 60_000;

/** An API server that grants tokens `token-1`, `token-2` … for an hour, until told to fail. */
class TokenServer implements ApiClient {
  readonly requests: ApiRequest[] = [];
  failure: Error | undefined;
  grantedSeconds = 3_600;

  async request<T>(request: ApiRequest): Promise<T> {
    this.requests.push(request);
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    const answer = {
      spec: { expirationSeconds: this.grantedSeconds },
      status: { token: `token-${this.requests.length}` },
    };
    return answer as T;
  }

  stream(): Promise<AsyncIterable<Uint8Array>> {
    throw new Error('not used');
  }
}

function setUp() {
  const [api, clock, logger] = [new TokenServer(), new FakeClock(), new RecordingLogger()];
  const next = createServiceAccountTokens({ api, clock, logger, namespace: 'headroom-system', name: 'readers' });
  /** Asks, lets a renewal that it began end, and asks again. */
  const settled = async (): Promise<string> => {
    await next();
    await new Promise((resolve) => setImmediate(resolve));
    return next();
  };
  return { api, clock, logger, next, settled };
}

const refused = new HeadroomError('API_STATUS', 'serviceaccounts "readers" not found');

describe('tokens of a ServiceAccount', () => {
  it('are asked of the API server for an hour', async () => {
    const { api, next } = setUp();
    expect(await next()).to.equal('token-1');
    expect(api.requests[0]).to.deep.include({
      method: 'POST',
      path: '/api/v1/namespaces/headroom-system/serviceaccounts/readers/token',
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: 3_600 },
      },
    });
  });

  it('are asked for once by callers at the same time, and serve ten minutes', async () => {
    const { api, clock, next } = setUp();
    expect(await Promise.all([next(), next(), next()])).to.deep.equal(['token-1', 'token-1', 'token-1']);
    await clock.advance(10 * minuteMs - 1);
    expect(await next()).to.equal('token-1');
    expect(api.requests).to.have.lengthOf(1);
  });

  it('are renewed after that, without a caller waiting', async () => {
    const { clock, next, settled } = setUp();
    await next();
    await clock.advance(10 * minuteMs);
    expect(await next()).to.equal('token-1');
    expect(await settled()).to.equal('token-2');
  });

  it('serve until a minute before their end when they cannot be renewed, which is told once', async () => {
    const { api, clock, logger, next, settled } = setUp();
    await next();
    api.failure = refused;
    for (const minutes of [10, 30, 18]) {
      await clock.advance(minutes * minuteMs);
      expect(await settled()).to.equal('token-1');
    }
    expect(logger.lines.map(({ message }) => message)).to.deep.equal([
      'token for kubelets not renewed; the last one serves while it is valid',
    ]);
    await clock.advance(minuteMs);
    const failure = await failureOf(next());
    expect(failure).to.have.property('code', 'API_STATUS');
    expect(failure).to.have.property(
      'message',
      'no token of ServiceAccount headroom-system/readers for kubelets: serviceaccounts "readers" not found',
    );
  });

  it('are asked for again five seconds after a failure, and that it works is told', async () => {
    const { api, clock, logger, next } = setUp();
    api.failure = refused;
    await failureOf(next());
    api.failure = undefined;
    await clock.advance(4_999);
    await failureOf(next());
    expect(api.requests).to.have.lengthOf(1);
    await clock.advance(1);
    expect(await next()).to.equal('token-2');
    expect(logger.lines.at(-1)?.message).to.equal('token for kubelets renewed again');
  });

  it('last as long as the API server grants', async () => {
    const { api, clock, next } = setUp();
    api.grantedSeconds = 600;
    await next();
    await clock.advance(9 * minuteMs);
    expect(await next()).to.equal('token-2');
  });

  it('are missing when the answer holds none', async () => {
    const { api, next } = setUp();
    api.request = () => Promise.resolve({} as never);
    expect(String(await failureOf(next()))).to.contain('the API server answered without a token');
  });
});
