/** What providers need to guard the URLs that they discover. */
export { allowList } from './allow.js'
export { type GuardOptions, hostProblem } from './guard.js'
