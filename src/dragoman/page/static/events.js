/**
 * Server-sent events over fetch: what `EventSource` does, with a notice when a session has ended,
 * a watch for connections that died in silence, and no connection held by a tab that nobody sees
 * (a browser has six for one host over HTTP/1.1).
 *
 * Source: WHATWG HTML, section 9.2 "Server-sent events", read 2026-11-21.
 */

import { send } from './api.js';

const FIRST_WAIT_MS = 400;
const MOST_WAIT_MS = 8000;
/** The server says something every 10 s. */
const SILENCE_MS = 25000;
const HIDDEN_MS = 20000;

/**
 * Messages out of text that may be cut anywhere; lines end in LF or CR LF. Each character is looked
 * at once, however long a line is: a snapshot of an answer is one line.
 *
 * @returns {(text: string) => {id: string, event: string, data: string}[]}
 */
export function decoder() {
  let rest = [];
  let id = '';
  let event = '';
  let data = [];

  function take(line, messages) {
    if (line === '') {
      if (data.length) messages.push({ id, event: event || 'message', data: data.join('\n') });
      event = '';
      data = [];
      return;
    }
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    if (name === 'data') data.push(value);
    else if (name === 'event') event = value;
    else if (name === 'id') id = value;
  }

  return (text) => {
    const messages = [];
    const lines = text.split('\n');
    rest.push(lines[0]);
    if (lines.length === 1) return messages;
    lines[0] = rest.join('');
    rest = [lines.pop()];
    for (const line of lines) take(line.endsWith('\r') ? line.slice(0, -1) : line, messages);
    return messages;
  };
}

/**
 * Follow a stream of events until `close` is called, through lost connections.
 *
 * @param {string} path below /page/api
 * @param {object} on
 * @param {(message: {id: string, event: string, data: any}) => void} on.message `data` is decoded
 * @param {(status: 'open' | 'lost') => void} [on.status]
 * @param {(error: Error) => void} [on.failed] the server refuses: nothing more will come
 * @returns {() => void} close
 */
export function follow(path, on) {
  let closed = false;
  let last = '';
  let current = null;
  let wake = () => {};

  async function read(abort) {
    const headers = last ? { 'last-event-id': last } : {};
    const response = await send('GET', path, { headers, signal: abort.signal, quiet: true });
    on.status?.('open');
    const decode = decoder();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let timer = setTimeout(() => abort.abort(), SILENCE_MS);
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done || closed) return;
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), SILENCE_MS);
        for (const message of decode(value)) {
          if (closed) return;
          last = message.id || last;
          on.message({ ...message, data: JSON.parse(message.data) });
        }
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async function run() {
    let wait_ms = FIRST_WAIT_MS;
    while (!closed) {
      if (document.hidden) await waitFor(document, 'visibilitychange');
      current = new AbortController();
      const began = Date.now();
      try {
        await read(current);
      } catch (error) {
        if (closed) return;
        if (error.status >= 400 && error.status < 500 && ![401, 429].includes(error.status)) {
          on.failed?.(error);
          return;
        }
      }
      if (closed) return;
      if (Date.now() - began > 5000) wait_ms = FIRST_WAIT_MS;
      if (!document.hidden) on.status?.('lost');
      await new Promise((done) => {
        wake = done;
        setTimeout(done, wait_ms * (0.75 + Math.random() / 2));
      });
      wait_ms = Math.min(wait_ms * 2, MOST_WAIT_MS);
    }
  }

  const hidden = () => {
    wake();
    if (!document.hidden) return;
    setTimeout(() => document.hidden && current?.abort(), HIDDEN_MS);
  };
  const online = () => wake();
  document.addEventListener('visibilitychange', hidden);
  addEventListener('online', online);
  run();
  return () => {
    closed = true;
    document.removeEventListener('visibilitychange', hidden);
    removeEventListener('online', online);
    wake();
    current?.abort();
  };
}

function waitFor(target, kind) {
  return new Promise((done) => target.addEventListener(kind, done, { once: true }));
}
