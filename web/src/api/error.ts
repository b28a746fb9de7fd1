// What a request can end with besides an answer: one class for the daemon's problem+json and for a daemon that is not there.

interface Problem {
  title: string;
  status: number;
  detail: string;
  instance?: string;
  tries_left?: number;
  until_at?: string;
}

/** Status 0: the daemon could not be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly title: string;
  /** What went wrong, where, what was expected; written by the daemon. */
  readonly detail: string;
  /** The number to tell somebody who looks into the log, if the daemon gave one. */
  readonly instance: string | undefined;
  readonly triesLeft: number | undefined;
  readonly untilAt: string | undefined;

  constructor(problem: Problem) {
    super(problem.detail === '' ? problem.title : problem.detail);
    this.status = problem.status;
    this.title = problem.title;
    this.detail = problem.detail;
    this.instance = problem.instance;
    this.triesLeft = problem.tries_left;
    this.untilAt = problem.until_at;
  }

  get isUnreachable(): boolean {
    return this.status === 0;
  }

  /** Worth asking again by itself: nothing was wrong with the request. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }

  static unreachable(): ApiError {
    return new ApiError({ title: 'unreachable', status: 0, detail: '' });
  }

  /** Reads the body of a refused request; a body that is no problem (a proxy's page) is not shown to anybody. */
  static async from(response: Response): Promise<ApiError> {
    const plain: Problem = { title: response.statusText, status: response.status, detail: '' };
    const instance = response.headers.get('x-request-id');
    if (instance !== null) plain.instance = instance;
    if (!/\bjson\b/.test(response.headers.get('content-type') ?? '')) return new ApiError(plain);
    try {
      return new ApiError(readProblem(await response.clone().json(), plain));
    } catch {
      return new ApiError(plain);
    }
  }

  static of(error: unknown): ApiError {
    if (error instanceof ApiError) return error;
    return new ApiError({
      title: 'unexpected',
      status: -1,
      detail: error instanceof Error ? error.message : String(error),
    });
  }
}

function readProblem(body: unknown, plain: Problem): Problem {
  if (typeof body !== 'object' || body === null) return plain;
  const given: Record<string, unknown> = { ...body };
  const problem: Problem = { ...plain };
  if (typeof given.title === 'string') problem.title = given.title;
  if (typeof given.detail === 'string') problem.detail = given.detail;
  if (typeof given.instance === 'string') problem.instance = given.instance;
  if (typeof given.tries_left === 'number') problem.tries_left = given.tries_left;
  if (typeof given.until_at === 'string') problem.until_at = given.until_at;
  return problem;
}
