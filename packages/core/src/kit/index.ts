/**
 * What plugins share beside their contracts: schemas of common options, and TLS. For those who use valibot; others need
 * none of it.
 */

export { closest } from '../closest.js'
export { seenAt } from '../outcome.js'
export { type Checked, formatProblem, validate } from '../problems.js'
export { durationBetween, percent, serviceOptions, text, wholeNumber } from '../schema/options.js'
export { all } from './all.js'
export { CheckFailed } from './check-failed.js'
export { replaceFile } from './durable.js'
export {
  type EntryOptions,
  EntryReader,
  entryOptions,
  type ReadEntry,
  readEntry,
} from './entries.js'
export { leaseToken, readLeaseToken } from './lease-token.js'
export { News } from './news.js'
export { type Page, Paged } from './paged.js'
export { areCertificates, isPrivateKey } from './pem.js'
export { afterPrefix } from './prefix.js'
export { raceSignal } from './race.js'
export { secretText } from './secret-text.js'
export { type SurveyOptions, survey } from './survey.js'
export { certificateDays, certificateProblem, SecureContexts, tlsProblem } from './tls.js'
export { tlsOptions } from './tls-options.js'
