import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Column } from '../src/ui/columns.js'
import { renderLine, widthOf, wrapLine } from '../src/ui/line.js'
import { renderTable } from '../src/ui/table.js'

const COLUMNS: Column[] = [
  { title: 'SERVICE', least: 8 },
  { title: 'STATUS' },
  { title: 'FOR', align: 'right', drop: 3 },
  { title: 'LATENCY', align: 'right', drop: 1 },
  { title: 'NEXT', align: 'right', drop: 2 },
  { title: 'MESSAGE', least: 16, drop: 4 },
]
const plain = (text: string) => text
const table = (row: string[], width: number) => renderTable(COLUMNS, [row], width, plain)
const ROW = ['the shop', '● soft 2/3', '3m 2s', '12 ms', '58s', 'status 503, expected 200']

const titlesAt = (width: number, row = ROW) => table(row, width)[0]!.split(/ +/).join(' ')

test('columns leave in their order, and what stays is told in full', () => {
  expect(titlesAt(80)).toBe('SERVICE STATUS FOR LATENCY NEXT MESSAGE')
  expect(titlesAt(59)).toBe('SERVICE STATUS FOR NEXT MESSAGE')
  expect(titlesAt(50)).toBe('SERVICE STATUS FOR MESSAGE')
  expect(titlesAt(40)).toBe('SERVICE STATUS MESSAGE')
  expect(titlesAt(44, ROW.with(2, '3h 2m 10s'))).toBe('SERVICE STATUS MESSAGE')
  expect(titlesAt(30)).toBe('SERVICE STATUS FOR')
  expect(titlesAt(20)).toBe('SERVICE STATUS')
  expect(table(ROW, 20)[1]).toBe('the shop  ● soft 2/3')
  expect(table(ROW, 40)[1]).toBe('the shop  ● soft 2/3  status 503, expec…')
})

const texts = fc.array(fc.string({ unit: 'binary', maxLength: 90 }), { minLength: 6, maxLength: 6 })
const statuses = fc.constantFrom('● up', '● down', '● soft 2/3', '● unknown', '● removed')
const widths = fc.integer({ min: 20, max: 130 })

test('no line of a table is wider than the terminal, down to 20 columns', () => {
  fc.assert(
    fc.property(texts, statuses, widths, (row, status, width) => {
      for (const line of table(row.with(1, status), width)) expect(widthOf(line)).toBeLessThanOrEqual(width)
    }),
  )
})

test('a line is cut, or goes on in the next ones, and is never wider than the terminal', () => {
  fc.assert(
    fc.property(texts, widths, (cells, width) => {
      for (const line of [renderLine(cells, width), ...wrapLine(cells, width)])
        expect(widthOf(line)).toBeLessThanOrEqual(width)
    }),
  )
})

test('a line that goes on is broken between words, and says all', () => {
  expect(wrapLine(['  pod ', 'shop-7c9: ', 'it has no readiness probe'], 20)).toEqual([
    '  pod shop-7c9: it',
    '    has no readiness',
    '    probe',
  ])
  expect(wrapLine(['abcdefghij'], 4)).toEqual(['abcd', '  ef', '  gh', '  ij'])
  expect(wrapLine([''], 20)).toEqual([''])
})

test('a colour ends with its piece of the line, also where that is cut', () => {
  const red = (text: string) => ({ text, paint: (inner: string) => `<${inner}>` })
  expect(renderLine([red('down'), ' for ', red('3m')], 9)).toBe('<down> for…')
  expect(renderLine([red('down'), ' for'], 3)).toBe('<do>…')
  expect(wrapLine([red('down for'), ' 3m'], 6)).toEqual(['<down>', '  <for>', '  3m'])
})

test('a name that yields leaves room for what became of it', () => {
  const name = { text: 'payments-api-backend', paint: String, yields: true }
  expect(renderLine([name, ' ● down: no'], 31)).toBe('payments-api-backend ● down: no')
  expect(renderLine([name, ' ● down: no'], 24)).toBe('payment… ● down: no')
})

test('nothing that is shown can steer the terminal', () => {
  const hostile = 'a\u001b]0;pwned\u0007\u001b[2Jb\u009b31mc\r\nd\u2028e'
  const shown = [renderLine([hostile], 99), ...wrapLine([hostile], 99), ...table(ROW.with(0, hostile), 200)]
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
  for (const line of shown) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028]/)
  expect(renderLine([hostile], 99)).toBe('a ]0;pwned [2Jb 31mc d e')
})
