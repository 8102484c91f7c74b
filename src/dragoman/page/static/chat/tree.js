/**
 * The turns of a conversation are a tree: an answer asked again and a question edited have sisters.
 * Pure: which turns are shown, and between which versions of each a reader can go.
 */

export class Tree {
  /** @type {Map<string, object>} turns by id */
  turns = new Map();
  /** The version that the reader chose, by parent; else the newest is shown. */
  #chosen = new Map();

  /** @param {object[]} turns as the server gives them */
  constructor(turns = []) {
    for (const turn of turns) this.turns.set(turn.id, turn);
  }

  /** Add a turn, and show it. */
  add(turn) {
    this.turns.set(turn.id, turn);
    this.#chosen.set(turn.parent, turn.id);
  }

  /** Take the server's turns in place of what was known; the reader's choices stay. */
  replace(turns) {
    for (const turn of turns) {
      const sisters = this.children(turn.parent);
      // A version that is new here was made in another tab: both tabs show it.
      if (sisters.length && !this.turns.has(turn.id)) this.#chosen.set(turn.parent, turn.id);
    }
    this.turns = new Map(turns.map((turn) => [turn.id, turn]));
  }

  /** Show this version among its sisters. */
  choose(turn) {
    this.#chosen.set(turn.parent, turn.id);
  }

  /** Show the branch that leads to this turn. */
  reveal(id) {
    for (let turn = this.turns.get(id); turn; turn = this.turns.get(turn.parent)) this.choose(turn);
  }

  /** The versions that follow a turn, oldest first. */
  children(parent) {
    return [...this.turns.values()]
      .filter((turn) => turn.parent === parent)
      .sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
  }

  /**
   * What is shown, first to last.
   *
   * @returns {{turn: object, sisters: object[], at: number}[]}
   */
  path() {
    const children = Map.groupBy([...this.turns.values()], (turn) => turn.parent);
    const found = [];
    let parent = null;
    for (;;) {
      const sisters = (children.get(parent) ?? [])
        .sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
      if (!sisters.length) return found;
      const chosen = sisters.findIndex((turn) => turn.id === this.#chosen.get(parent));
      const at = chosen < 0 ? sisters.length - 1 : chosen;
      found.push({ turn: sisters[at], sisters, at });
      parent = sisters[at].id;
    }
  }
}
