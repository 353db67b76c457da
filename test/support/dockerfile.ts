/** One instruction of a Dockerfile, its continued lines joined. */
export interface Instruction {
  readonly name: string
  readonly text: string
  /** `from` and `chown` of a COPY. */
  readonly flags: Readonly<Record<string, string>>
  /** What stands behind the flags, word by word, or the list that the exec form is. */
  readonly words: readonly string[]
  readonly isExec: boolean
}

export interface Stage {
  readonly base: string
  readonly name: string | undefined
  readonly instructions: readonly Instruction[]
}

/** https://docs.docker.com/reference/dockerfile/: as much of it as the image of this repository takes. */
export function parseDockerfile(text: string): Stage[] {
  const stages: { base: string; name: string | undefined; instructions: Instruction[] }[] = []
  for (const instruction of instructionsIn(text)) {
    const [base = '', , name] = instruction.words
    if (instruction.name === 'FROM') stages.push({ base, name, instructions: [] })
    else stages.at(-1)?.instructions.push(instruction)
  }
  return stages
}

/** The last word on something within a stage. */
export function lastOf({ instructions }: Stage, name: string): Instruction | undefined {
  return instructions.filter((instruction) => instruction.name === name).at(-1)
}

function instructionsIn(text: string): Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line))
  return lines.join('\n').replace(/\\\n/g, ' ').split('\n').map(parseInstruction)
}

function parseInstruction(line: string): Instruction {
  const [, name = '', rest = ''] = /^\s*(\S+)\s+(.*?)\s*$/.exec(line) ?? []
  const flags: Record<string, string> = {}
  const text = rest.replace(/(?:^|(?<=\s))--([a-z-]+)=(\S+)\s+(?=.)/g, (flag, key, value) => {
    if (name === 'RUN') return flag
    flags[key] = value
    return ''
  })
  const isExec = /(^|\s)\[.*\]$/.test(text)
  const words = isExec ? (JSON.parse(text.slice(text.indexOf('['))) as string[]) : text.split(/\s+/)
  return { name: name.toUpperCase(), text, flags, words, isExec }
}
