/**
 * Tabs of one browser, told of each other's changes: two that show one conversation show the same.
 *
 * @typedef {object} Tabs
 * @property {(change: Change) => void} changed tells this tab's listeners and all other tabs
 * @property {(heard: (change: Change, own: boolean) => void) => () => void} listen
 *   returns a function that ends it
 * @typedef {{kind: 'conversation' | 'renamed' | 'removed' | 'list' | 'signed-in' | 'address', id?: string}} Change
 *   "address" concerns this tab alone
 */

/** @returns {Tabs} */
export function openTabs() {
  const channel = new BroadcastChannel('dragoman');
  const listeners = new Set();
  const tell = (change, own) => [...listeners].forEach((heard) => heard(change, own));
  channel.onmessage = (event) => tell(event.data, false);
  return {
    changed(change) {
      if (change.kind !== 'address') channel.postMessage(change);
      tell(change, true);
    },
    listen(heard) {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
  };
}
