import { expect } from 'chai';
import {
  ApiStatusError,
  errorOfResponse,
  isConflict,
  isForbidden,
  isGone,
  isNotFound,
  notFound,
} from '../../src/kube/api-status-error.ts';

const path = '/apis/apps/v1/namespaces/default/deployments/web';

describe('the error of a response', () => {
  it('has the message, reason and details of its Status', () => {
    const body = JSON.stringify({
      kind: 'Status',
      status: 'Failure',
      message: 'deployments.apps "web" not found',
      reason: 'NotFound',
      details: { name: 'web', group: 'apps', kind: 'deployments' },
      code: 404,
    });
    const error = errorOfResponse(
      { method: 'GET', path },
      { httpStatus: 404, contentType: 'application/json', retryAfterSeconds: undefined, body },
    );
    expect(error).to.be.instanceOf(ApiStatusError);
    expect(error.code).to.equal('API_STATUS');
    expect(error.message).to.equal('deployments.apps "web" not found');
    expect([error.httpStatus, error.reason, error.details?.name]).to.deep.equal([404, 'NotFound', 'web']);
  });

  describe('without a Status has the words of client-go', () => {
    const check = (method: string, httpStatus: number, body: string, expected: string, about = path): void => {
      it(`${method} ${httpStatus} ${body}`, () => {
        const contentType = body.startsWith('{') ? 'application/json' : 'text/plain';
        const error = errorOfResponse(
          { method, path: about },
          { httpStatus, contentType, retryAfterSeconds: undefined, body },
        );
        expect(error.message).to.equal(expected);
      });
    };
    check(
      'GET',
      404,
      '404 page not found',
      'the server could not find the requested resource (get deployments.apps web)',
    );
    // As test/parity/vectors/conversations.json has it.
    const without = 'the server could not find the requested resource (get daemonsets web)';
    check('GET', 404, '', without, '/apis/apps/v1/namespaces/default/daemonsets/web/scale');
    check('GET', 404, 'x', 'the server could not find the requested resource', '/apis/metrics.k8s.io/v1beta1');
    check('GET', 404, 'x', 'the server could not find the requested resource (get pods)', '/api/v1/pods');
    check(
      'GET',
      404,
      'x',
      'the server could not find the requested resource (get namespaces a)',
      '/api/v1/namespaces/a',
    );
    check('PUT', 503, 'down', 'the server is currently unable to handle the request (put deployments.apps web)');
    check('PUT', 409, '', 'the server reported a conflict (put deployments.apps web)');
    check('GET', 401, '', 'the server has asked for the client to provide credentials (get deployments.apps web)');
    check('GET', 403, 'no way\n', 'no way (get deployments.apps web)');
    check(
      'GET',
      406,
      '',
      'the server was unable to respond with a content type that the client supports (get deployments.apps web)',
    );
    check(
      'GET',
      418,
      'tea',
      'the server responded with the status code 418 but did not return more information (get deployments.apps web)',
    );
    check(
      'GET',
      502,
      '<html>',
      'an error on the server ("<html>") has prevented the request from succeeding (get deployments.apps web)',
    );
    check(
      'GET',
      500,
      '{"a":',
      'an error on the server ("unknown") has prevented the request from succeeding (get deployments.apps web)',
    );
    check(
      'GET',
      500,
      '{}',
      'an error on the server ("unknown") has prevented the request from succeeding (get deployments.apps web)',
    );
  });
});

describe('kinds of API errors', () => {
  const error = (code: number, reason = ''): ApiStatusError => new ApiStatusError({ code, reason });

  it('are told by their reason, or by the HTTP status when there is none', () => {
    expect([isNotFound(error(404)), isNotFound(error(404, 'NotFound')), isNotFound(error(403))]).to.deep.equal([
      true,
      true,
      false,
    ]);
    expect([isGone(error(410, 'Expired')), isGone(error(410, 'Gone')), isGone(error(409))]).to.deep.equal([
      true,
      true,
      false,
    ]);
    expect([isForbidden(error(403)), isForbidden(new Error('no'))]).to.deep.equal([true, false]);
  });

  it('an object that exists already is no conflict', () => {
    expect([isConflict(error(409, 'Conflict')), isConflict(error(409, 'AlreadyExists'))]).to.deep.equal([true, false]);
  });

  it('a missing object of a cache has the words of the API server', () => {
    expect(notFound({ group: 'apps', resource: 'deployments' }, 'web').message).to.equal(
      'deployments.apps "web" not found',
    );
    expect(notFound({ group: '', resource: 'replicationcontrollers' }, 'x').message).to.equal(
      'replicationcontrollers "x" not found',
    );
  });
});
