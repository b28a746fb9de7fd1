import { describe, expect, it } from 'vitest';
import { ApiError } from './error';

const answer = (body: string, status: number, kind = 'application/problem+json') =>
  new Response(body, { status, headers: { 'content-type': kind } });

describe('an error of the API', () => {
  it('carries what the daemon says', async () => {
    const body = JSON.stringify({
      title: 'locked',
      status: 403,
      detail: 'three wrong',
      tries_left: 2,
      until_at: 'x',
      instance: '7f3a',
    });
    const error = await ApiError.from(answer(body, 403));
    expect(error).toMatchObject({
      status: 403,
      detail: 'three wrong',
      triesLeft: 2,
      untilAt: 'x',
      instance: '7f3a',
    });
    expect(error.message).toBe('three wrong');
    expect(error.isPassing).toBe(false);
  });

  it('shows nobody the page of a proxy', async () => {
    const error = await ApiError.from(answer('<html>Bad gateway</html>', 502, 'text/html'));
    expect(error.message).not.toContain('html');
    expect(error.isPassing).toBe(true);
  });

  it('survives a body that is cut off or of another kind', async () => {
    expect((await ApiError.from(answer('{"title":', 500))).status).toBe(500);
    expect((await ApiError.from(answer('[1]', 500))).status).toBe(500);
    expect((await ApiError.from(answer('null', 503))).status).toBe(503);
    expect((await ApiError.from(answer('{"detail":7,"tries_left":"2"}', 403))).triesLeft).toBeUndefined();
  });

  it('tells a daemon that is not there from one that refuses', () => {
    expect(ApiError.unreachable().isUnreachable).toBe(true);
    expect(ApiError.of(new Error('x')).isUnreachable).toBe(false);
    expect(ApiError.of(ApiError.unreachable()).isUnreachable).toBe(true);
  });
});
