/**
 * The page's own server: JSON both ways, every failure an `ApiError`.
 *
 * A request that finds its reader signed out waits for the sign-in form and is then sent again,
 * so nobody's words are lost with a session. What the page asks of its own accord (`look`) fails
 * then, and a notice is all that is shown.
 */

const BASE = '/page/api';

/** What went wrong and what to do: `kind` is the class of the error, "offline" without a server. */
export class ApiError extends Error {
  constructor(kind, message, { hint = null, status = 0, retryAfter_s = 0 } = {}) {
    super(message);
    this.kind = kind;
    this.hint = hint;
    this.status = status;
    this.retryAfter_s = retryAfter_s;
  }
}

let signIn = async () => {
  throw new ApiError('signed_out', 'signed out', { status: 401 });
};

let remind = () => {};

/** Say what to do when a key is asked for: `ask` ends when it was given, `notice` asks nothing. */
export function onSignedOut(ask, notice) {
  signIn = ask;
  remind = notice;
}

/** The address of `path` below the page's API, with the values of `query` that are set. */
export function address(path, query = {}) {
  const set = Object.entries(query).filter(([, value]) => value != null && value !== '');
  return BASE + path + (set.length ? `?${new URLSearchParams(set)}` : '');
}

/**
 * Send a request and give the answer as it is; `ApiError` if its status is no success.
 *
 * @param {string} method
 * @param {string} path below /page/api
 * @param {{query?: object, body?: any, headers?: object, signal?: AbortSignal, quiet?: boolean}} [options]
 * @returns {Promise<Response>}
 */
export async function send(method, path, { query, body, headers = {}, signal, quiet } = {}) {
  for (;;) {
    const response = await fetch(address(path, query), {
      method,
      signal,
      cache: 'no-store',
      headers: method === 'GET' ? headers : { 'content-type': 'application/json', ...headers },
      body: method === 'GET' ? undefined : JSON.stringify(body ?? {}),
    }).catch((error) => {
      if (error.name === 'AbortError') throw error;
      throw new ApiError('offline', error.message);
    });
    if (response.ok) return response;
    if (response.status !== 401 || path === '/sign-in') throw await failure(response);
    if (quiet) {
      remind();
      throw await failure(response);
    }
    await signIn();
  }
}

async function failure(response) {
  const told = await response.json().catch(() => null);
  const error = told?.error ?? { kind: 'ResponseError', message: `HTTP ${response.status}` };
  return new ApiError(error.kind, error.message, {
    hint: error.hint,
    status: response.status,
    retryAfter_s: Number(response.headers.get('retry-after')) || 0,
  });
}

async function json(...request) {
  const response = await send(...request);
  return response.status === 204 ? null : response.json();
}

export const get = (path, query, signal) => json('GET', path, { query, signal });
export const look = (path, query, signal) => json('GET', path, { query, signal, quiet: true });
export const post = (path, body, signal) => json('POST', path, { body, signal });
export const patch = (path, body) => json('PATCH', path, { body });
export const remove = (path) => json('DELETE', path);
