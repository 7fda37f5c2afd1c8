import { expect, test } from 'vitest'
import { STATES, type Collection, type Photo, type State } from '../api/shapes'
import { SCREEN_OF, screenOf, STAGE_OF, WATCHED } from './screens'

const photo = (accepted: boolean): Photo => ({ accepted, findings: [], advice: [], more: 0, made: accepted })
const at = (state: State, judged: Photo | null = null) => ({ state, photo: judged }) as Collection

test('every state has its screen, and no two share one', () => {
  const screens = STATES.map((state) => screenOf(at(state)))
  expect(screens.every((screen) => screen in STAGE_OF)).toBe(true)
  expect(new Set(screens).size).toBe(STATES.length)
  expect(Object.keys(SCREEN_OF).sort()).toEqual([...STATES].sort())
})

test('a photo that was not accepted is shown with its reasons', () => {
  expect(screenOf(at('photo', photo(false)))).toBe('check')
  expect(screenOf(at('photo'))).toBe('photo')
  expect(screenOf(at('review', photo(true)))).toBe('check')
})

test('a judged photo changes no other state', () => {
  for (const state of STATES.filter((one) => one !== 'photo')) {
    expect(screenOf(at(state, photo(false)))).toBe(SCREEN_OF[state])
  }
})

test('the page listens where others move the collection', () => {
  expect(WATCHED.verifying).toBe('live')
  expect(WATCHED.blocked).toBe('slow')
  expect(WATCHED.inspection).toBe('slow')
})
