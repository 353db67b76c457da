import { fail } from './fail.js'
import { createProgram } from './program.js'

// A reader that has seen enough (`uptime status | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

createProgram().parseAsync().catch(fail)
