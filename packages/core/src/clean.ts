// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g

/**
 * One line of text without anything that could steer a terminal. What services, providers and targets say is theirs to
 * choose, so whatever is shown comes through here; colours are put around it afterwards.
 */
export function clean(text: string): string {
  return text.replace(CONTROL, ' ')
}
