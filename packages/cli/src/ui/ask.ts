import { confirm, isCancel, text } from '@clack/prompts'
import { http } from '@uptimeserver/http'

/** Asks for the first service, as far as it is not given. Ends the process when the user turns away. */
export async function askForService(given: {
  name?: string
  url?: string
}): Promise<{ name: string; url: string }> {
  const url = given.url ?? (await ask('What is to be checked?', 'https://example.com/health', faultOf))
  const name = given.name ?? (await ask('What is it called?', hostOf(url)))
  return { name, url }
}

export async function askToAdd(manifest: string): Promise<boolean> {
  return orLeave<boolean>(await confirm({ message: `Add uptimeserver to ${manifest}?` }))
}

/** The check itself says whether it likes a URL, while it can still be mended. */
function faultOf(url: string | undefined): string | undefined {
  const problem = url ? http(url.trim()).problems?.[0] : undefined
  return problem && `expected ${problem.expected}`
}

async function ask(
  message: string,
  suggestion: string,
  validate: (answer: string | undefined) => string | undefined = () => undefined,
): Promise<string> {
  const asked = await text({ message, placeholder: suggestion, defaultValue: suggestion, validate })
  const answer = orLeave<string>(asked)
  return answer.trim()
}

function orLeave<T>(answer: T | symbol): T {
  if (isCancel(answer)) process.exit(130)
  return answer as T
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : 'my service'
}
