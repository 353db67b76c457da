import { clean } from '@uptimeserver/core'

/** Text of several lines without anything that could steer a terminal. */
export function cleanLines(text: string): string {
  return text.split('\n').map(clean).join('\n')
}
