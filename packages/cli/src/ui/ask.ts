import { confirm, isCancel, text } from '@clack/prompts'

/** Asks for the first service, as far as it is not given. Ends the process when the user turns away. */
export async function askForService(given: {
  name?: string
  url?: string
}): Promise<{ name: string; url: string }> {
  const url = given.url ?? (await ask('What is to be checked?', 'https://example.com/health'))
  const name = given.name ?? (await ask('What is it called?', hostOf(url)))
  return { name, url }
}

export async function askToAdd(manifest: string): Promise<boolean> {
  return orLeave<boolean>(await confirm({ message: `Add uptimeserver to ${manifest}?` }))
}

async function ask(message: string, suggestion: string): Promise<string> {
  const answer = orLeave<string>(await text({ message, placeholder: suggestion, defaultValue: suggestion }))
  return answer.trim()
}

function orLeave<T>(answer: T | symbol): T {
  if (isCancel(answer)) process.exit(130)
  return answer as T
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : 'my service'
}
