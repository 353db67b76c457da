/**
 * Every text in a value, keys too. Of an error: its message and stack, what it carries in `detail`, `problems` and
 * `errors`, and all of its causes: whatever may end up in a log or a storage.
 */
export function textsIn(value: unknown, seen = new Set<object>()): string[] {
  if (typeof value !== 'object' || value === null) return value === undefined ? [] : [String(value)]
  if (seen.has(value)) return []
  seen.add(value)
  const members = value instanceof Error ? sayingsOf(value) : Object.entries(value).flat()
  return members.flatMap((member) => textsIn(member, seen))
}

function sayingsOf(error: Error): unknown[] {
  const { detail, problems, errors } = error as { detail?: unknown; problems?: unknown; errors?: unknown }
  return [error.message, error.stack, error.cause, detail, problems, errors]
}
