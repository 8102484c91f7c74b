/**
 * A running answer, followed on its card: events come as they like, the card is painted at most
 * once a frame, and more seldom if painting takes long.
 */

import { follow } from '../events.js';

/** Painting may take one part in so many of the time. */
const SHARE = 4;

/**
 * Follow the answer of `card` until it has ended.
 *
 * @param {import('./turn.js').TurnCard} card
 * @param {object} [on]
 * @param {(turn: object) => void} [on.end] it is whole, broken or stopped
 * @param {(status: 'open' | 'lost') => void} [on.status] of the connection
 * @param {(error: Error) => void} [on.failed] the server does not tell of it any more
 * @returns {() => void} leave it (it runs on)
 */
export function followTurn(card, on = {}) {
  let scheduled = 0;
  let timer = 0;
  let next_ms = 0;
  let close = () => {};

  const paint = () => {
    scheduled = 0;
    const began = performance.now();
    card.paint();
    next_ms = began + (performance.now() - began) * SHARE;
  };
  const schedule = () => {
    if (scheduled || timer) return;
    const wait_ms = next_ms - performance.now();
    if (wait_ms > 16) {
      timer = setTimeout(() => {
        timer = 0;
        schedule();
      }, wait_ms);
    } else scheduled = requestAnimationFrame(paint);
  };
  const leave = () => {
    close();
    cancelAnimationFrame(scheduled);
    clearTimeout(timer);
  };

  close = follow(`/turns/${card.turn.id}/events`, {
    status: on.status,
    failed: on.failed,
    message: (message) => {
      card.apply(message);
      if (message.event !== 'state' || card.turn.state === 'running') {
        schedule();
        return;
      }
      leave();
      card.paint();
      on.end?.(card.turn);
    },
  });
  return leave;
}
