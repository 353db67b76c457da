import { lastOf, type Stage } from './dockerfile.js'

type Rule = (final: Stage, all: readonly Stage[]) => boolean

const every = (stages: readonly Stage[], name: string) =>
  stages.flatMap(({ instructions }) => instructions.filter((instruction) => instruction.name === name))

/** What holds for an image that strangers run, by what is said where it does not. */
const RULES: Readonly<Record<string, Rule>> = {
  'every base names its version': (_, all) =>
    all.every(
      ({ base }) => /:\d+\.\d+\.\d+\S*$|@sha256:/.test(base) || all.some(({ name }) => name === base),
    ),
  'it does not run as root': (final) => /^[1-9]\d*(:[1-9]\d*)?$/.test(lastOf(final, 'USER')?.text ?? ''),
  'nothing is fetched by ADD': (_, all) => !every(all, 'ADD').length,
  'nothing is piped from the network into a shell': (_, all) =>
    every(all, 'RUN').every(({ text }) => !/\b(curl|wget)\b/.test(text)),
  'each copy into the image says whose it is': (final) =>
    final.instructions.every(({ name, flags }) => name !== 'COPY' || flags.chown !== undefined),
  'apt leaves nothing behind': (_, all) =>
    every(all, 'RUN').every(
      ({ text }) => !/\bapt(-get)? /.test(text) || /rm -rf \/var\/lib\/apt\/lists/.test(text),
    ),
  'it tells how it is asked for its health': (final) =>
    lastOf(final, 'HEALTHCHECK')?.isExec === true && lastOf(final, 'HEALTHCHECK')!.words.includes('health'),
  'no shell stands in front of it': (final) =>
    lastOf(final, 'ENTRYPOINT')?.isExec === true && lastOf(final, 'CMD')?.isExec === true,
  'Node knows that it is in production': (final) =>
    /\bNODE_ENV=production\b/.test(lastOf(final, 'ENV')?.text ?? ''),
  'the final stage runs no commands': (final) => !lastOf(final, 'RUN'),
  'no secret is baked in': (_, all) =>
    [...every(all, 'ENV'), ...every(all, 'ARG')].every(
      ({ text }) => !/(TOKEN|PASSWORD|SECRET|_KEY)\b/i.test(text),
    ),
}

/** The rules that a Dockerfile breaks. */
export function brokenRules(stages: readonly Stage[]): string[] {
  const final = stages.at(-1)!
  return Object.entries(RULES).flatMap(([what, holds]) => (holds(final, stages) ? [] : [what]))
}
