import type { Logger } from './contracts.js'

const nothing = () => undefined

/** Says nothing. The default, because a library has no output of its own. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }
