/**
 * A comparison as columns: each model has a branch of its own in the tree of turns. The first
 * prompt is shared, each later one stands once in every branch. Pure.
 */

/**
 * The branch of each model, first turn to last.
 *
 * @param {object[]} turns as the server gives them
 * @param {string[]} models as they were asked, in the order of the columns
 * @returns {object[][]}
 */
export function branches(turns, models) {
  const children = (parent) => turns.filter((turn) => turn.parent === parent);
  const root = children(null).at(-1);
  if (!root) return models.map(() => []);
  const answers = columns(children(root.id), models);
  return answers.map((answer) => (answer ? [root, answer, ...following(answer, children)] : [root]));
}

/** The answer of each column to the first prompt: the first ones as asked, later ones asked again. */
function columns(answers, models) {
  const found = models.map((_, at) => answers[at] ?? null);
  for (const later of answers.slice(models.length)) {
    const named = models.findIndex((model) => isOf(later, model));
    // Of a route it is told who answered: it was the one that failed.
    const at = named < 0 ? found.findIndex((answer) => answer?.state === 'broken') : named;
    if (at >= 0) found[at] = later;
  }
  return found;
}

const isOf = (turn, model) => [turn.model, `${turn.provider}/${turn.model}`].includes(model);

function following(turn, children) {
  const path = [];
  for (let next = children(turn.id).at(-1); next; next = children(next.id).at(-1)) path.push(next);
  return path;
}
