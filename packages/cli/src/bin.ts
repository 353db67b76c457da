import { end, fail, failStranded, leave } from './end.js'
import { createProgram } from './program.js'

process.stdout.on('error', leave)
// What cannot be told to anybody is no reason to fail otherwise.
process.stderr.on('error', () => undefined)
process.on('beforeExit', failStranded)

createProgram()
  .parseAsync()
  .then(() => end())
  .catch(fail)
