/** Takes one value of a file. Where it is wrong, that is told, and reading goes on: what is given back is not used then. */
export type Shape<T> = (value: unknown, path: string, tell: Tell) => T

type Tell = (path: string, found: unknown, expected: string) => undefined

/** Reads a whole value. @throws an error that says everything that is wrong with it, each by its path */
export function read<T>(shape: Shape<T>, value: unknown, file: string): T {
  const problems: string[] = []
  const tell: Tell = (path, found, expected) => {
    problems.push(`${path}: found ${nameOf(found)}, expected ${expected}`)
    return undefined
  }
  const taken = shape(value, '', tell)
  if (!problems.length) return taken
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`
  throw new Error(`${file} has ${count}:\n${problems.map((problem) => `- ${problem}`).join('\n')}`)
}

export const flag = only<boolean>((value) => typeof value === 'boolean', 'true or false')
export const text = only<string>((value) => typeof value === 'string' && value !== '', 'a text')
export const anyText = only<string>((value) => typeof value === 'string', 'a text, which may be empty')

export function number(least: number, most: number): Shape<number> {
  const isFit = (value: unknown) => typeof value === 'number' && value >= least && value <= most
  return only(isFit, `a number from ${least} to ${most}`)
}

export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, path, tell) => (value === undefined ? undefined : shape(value, path, tell))
}

export function list<T>(shape: Shape<T>): Shape<T[]> {
  return (value, path, tell) => {
    if (!Array.isArray(value)) return tell(path, value, 'a list') ?? []
    return value.map((item, index) => shape(item, `${path}[${index}]`, tell))
  }
}

/** Any number of entries of the same shape. */
export function record<T>(shape: Shape<T>): Shape<Record<string, T>> {
  return (value, path, tell) => {
    if (!isObject(value)) return tell(path, value, 'an object') ?? {}
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, shape(item, join(path, key), tell)]),
    )
  }
}

type Shapes<T> = { readonly [Key in keyof T]: Shape<T[Key]> }

/** These keys and no others. */
export function object<T extends object>(shapes: Shapes<T>): Shape<T> {
  return (value, path, tell) => {
    const given = isObject(value) ? value : (tell(path || 'the file', value, 'an object') ?? undefined)
    if (!given) return {} as T
    const known = Object.keys(shapes)
    for (const key of Object.keys(given))
      if (!known.includes(key)) tell(join(path, key), given[key], `no such key, only ${known.join(', ')}`)
    const taken = Object.entries<Shape<unknown>>(shapes).map(([key, shape]) => [
      key,
      shape(given[key], join(path, key), tell),
    ])
    return Object.fromEntries(taken) as T
  }
}

/** One of several shapes, by the value of one key. */
export function variant<T>(key: string, shapes: Readonly<Record<string, Shape<T>>>): Shape<T> {
  return (value, path, tell) => {
    const type = isObject(value) ? value[key] : undefined
    const shape = typeof type === 'string' && Object.hasOwn(shapes, type) ? shapes[type] : undefined
    if (shape) return shape(value, path, tell)
    return tell(join(path, key), type, `one of ${Object.keys(shapes).join(', ')}`) as T
  }
}

export function map<A, B>(shape: Shape<A>, make: (value: A) => B): Shape<B> {
  return (value, path, tell) => {
    let isWrong = false
    const taken = shape(value, path, (...problem) => {
      isWrong = true
      return tell(...problem)
    })
    return isWrong ? (undefined as B) : make(taken)
  }
}

export function only<T>(isFit: (value: unknown) => boolean, expected: string): Shape<T> {
  return (value, path, tell) => (isFit(value) ? value : tell(path, value, expected)) as T
}

function join(path: string, key: string): string {
  return path ? `${path}.${key}` : key
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What it is, never what it says: there may be a password in it. */
function nameOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === '') return 'an empty text'
  if (typeof value === 'string') return 'a text'
  if (Array.isArray(value)) return 'a list'
  return isObject(value) ? 'an object' : String(value)
}
