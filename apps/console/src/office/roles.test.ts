import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DEEDS, may, ROLES, type Deed } from './roles'

const deeds = Object.keys(DEEDS) as Deed[]

test('the table is the one that the server holds deeds against', () => {
  const source = readFileSync(new URL('../../../../crates/domain/src/office.rs', import.meta.url), 'utf8')
  const table = [...source.matchAll(/^ {4}\w+ = "(\w+)", (\w+);$/gm)].map(([, deed, role]) => [deed, role?.toLowerCase()])
  expect(table.length).toBeGreaterThan(10)
  expect(Object.fromEntries(table)).toEqual(DEEDS)
})

test('each role may what those below it may', () => {
  for (const deed of deeds) {
    const allowed = ROLES.map((role) => may(role, deed))
    expect([...allowed].sort()).toEqual(allowed)
    expect(may('administrator', deed)).toBe(true)
  }
})

test('whoever only looks changes nothing but their own password', () => {
  expect(deeds.filter((deed) => may('viewer', deed))).toEqual(['sign_in', 'sign_out', 'change_password', 'see_exams', 'see_candidates', 'see_numbers'])
})

test('a role that is not known may nothing', () => {
  expect(deeds.some((deed) => may('owner', deed) || may('', deed))).toBe(false)
})
