/**
 * What a view is, and the shapes that the page's modules share, for readers and editors; never
 * loaded.
 *
 * Addresses are in the hash: #/chat[/ID], #/compare[/ID], #/providers, #/usage. Each view is a
 * module with
 *
 *     export async function open(params, app)
 *
 * that gives a `View` once all is there that it needs; it is shown unless the reader has gone on
 * meanwhile. `params` is {id: string | null, query: URLSearchParams}; the query follows the hash's
 * path: #/usage?by=key. Words, numbers and dates are in i18n.js (a view with words of its own
 * begins with `await loadWords('board')`), elements in dom.js, dialogs and menus in dialog.js and
 * menu.js; chat/picker.js, chat/turn.js and chat/live.js are made to be used by other views.
 *
 * @typedef {object} App
 * @property {Me} me who is here: {needs_key, signed_in, name, operator, version, body_limit_bytes}
 * @property {typeof import('./api.js')} api get, look, post, patch, remove, send; they throw ApiError
 * @property {(title: string, ...controls: Node[]) => HTMLElement} bar
 *   the header of a view: the button that opens the menu on a phone, the one h1, `controls`
 * @property {(title: string) => void} title sets the tab's title
 * @property {(hash: string) => void} go goes to an address, "#/chat"
 * @property {(hash: string) => void} replace changes the address without showing a view again
 * @property {(text: string) => void} announce says something to a screen reader, politely
 * @property {(text: string, action?: {label: string, run: () => void}) => void} toast
 *   says something to everybody, for some seconds
 * @property {(error: Error) => void} failed toasts an error: what happened and what to do
 * @property {(fresh?: boolean, read?: Function) => Promise<ModelList>} models GET /models, kept for 15 s;
 *   `read` is api.get for a reader who waits for it
 * @property {import('./tabs.js').Tabs} tabs tells other tabs of this browser, and hears them
 * @property {() => void} refreshList reads the list of conversations again
 * @property {() => void} restart shows everything again (another language)
 *
 * @typedef {object} View what a view's `open` gives
 * @property {Node[]} nodes what `main` shows
 * @property {(main: HTMLElement) => void} [shown] called once they stand there
 * @property {() => void} close stops all that it follows; called also if it was never shown
 *
 * @typedef {{needs_key: boolean, signed_in: boolean, name: string, operator: boolean, version: string, body_limit_bytes: number}} Me
 *
 * @typedef {object} Model a row of GET /models; `kind` "route" has `candidates` and no provider
 * @property {string} name "provider/model", or a route's name
 * @property {string} provider
 * @property {'model' | 'route'} kind
 * @property {'closed' | 'open' | 'probe' | 'unknown'} state of the breaker
 * @property {string | null} why
 * @property {number | null} last_success Unix seconds
 * @property {number | null} first_token_ms
 * @property {boolean | null} images null: not known
 * @typedef {{default: string | null, models: Model[], failed: {provider: string, message: string}[]}} ModelList
 *
 * @typedef {object} Turn a question or an answer; turns are a tree by `parent`
 * @property {string} id
 * @property {string | null} parent
 * @property {'user' | 'assistant'} role
 * @property {'running' | 'whole' | 'broken' | 'stopped'} state
 * @property {string} model as it was asked; `story.attempts` says who was tried
 * @property {string} provider who answered
 * @property {object[]} parts {type: "text" | "image" | "reasoning" | "tool_call" | "refusal", ...}
 * @property {object | null} usage counts of tokens
 * @property {number | null} cost US dollars
 * @property {{kind: string, message: string, hint: string | null} | null} error
 * @property {object} story {model, first_token_s, duration_s, attempts, rescued, dropped, finish_reason}
 */

export {};
