// Findings in the order in which they are told, with numbers that stand beside them and in the picture alike.
import type { Finding } from '../api/shapes'

const ORDER = ['fail', 'warn', 'not_assessed', 'pass']

/** What is wrong comes first. */
export const graded = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome))

/** The number of each finding that has a place in the picture, by the finding's id. */
export const numbersOf = (findings: readonly Finding[]): Map<string, number> =>
  new Map(graded(findings).filter(({ spot }) => spot).map(({ id }, at) => [id, at + 1]))

export interface Mark {
  id: string
  number: number
  outcome: string
  /** Left, top, width and height of the ring, CSS percentages of the picture. */
  frame: { left: string; top: string; width: string; height: string }
  /** Where the number sits on the ring: neighbours take different corners, so that rings around one place stay readable. */
  corner: (typeof CORNERS)[number]
}

const CORNERS = ['top-left', 'top-right', 'bottom-left', 'bottom-right'] as const

/** A smaller ring could not be told from the picture: share of its side. The candidate's pages take the same. */
const LEAST = 0.09

/** From where to where a ring goes along one side: at least LEAST around the spot's middle, inside the picture. */
function span(from: number, length: number): [number, number] {
  const middle = from + length / 2
  const half = Math.max(length, LEAST) / 2
  const begin = Math.max(0, Math.min(middle - half, 1 - LEAST))
  return [begin, Math.min(1, Math.max(middle + half, LEAST)) - begin]
}

const percent = (share: number) => `${Number((share * 100).toFixed(2))}%`

/** A ring for each finding that has a place; those that pass only where they are wanted. */
export function marksOf(findings: readonly Finding[], passed: boolean): Mark[] {
  const numbers = numbersOf(findings)
  return graded(findings).flatMap(({ id, spot, outcome }) => {
    const number = numbers.get(id)
    if (!spot || number === undefined || (outcome === 'pass' && !passed)) return []
    const [left, width] = span(spot.left, spot.width)
    const [top, height] = span(spot.top, spot.height)
    const frame = { left: percent(left), top: percent(top), width: percent(width), height: percent(height) }
    return [{ id, number, outcome, frame, corner: CORNERS[(number - 1) % CORNERS.length] ?? 'top-left' }]
  })
}
