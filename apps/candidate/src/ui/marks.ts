// Where reasons show in the candidate's picture: rings with the reasons' numbers.
import type { Finding } from '../api/shapes'

export interface Mark {
  rank: number
  /** Left, top, width and height of the ring, CSS percentages of the picture. */
  frame: { left: string; top: string; width: string; height: string }
  /** Where the number sits on the ring: each its own corner, so that rings around one place stay readable. */
  corner: 'top-left' | 'top-right' | 'bottom-left'
}

/** What the candidate is told now, most important first. */
export const told = (findings: Finding[]): Finding[] =>
  findings.filter((one) => one.rank !== undefined).sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0))

const CORNERS = ['top-left', 'top-right', 'bottom-left'] as const

/** A smaller ring could not be seen on a phone: share of the picture's side. */
const LEAST = 0.09

/** From where to where a ring goes along one side: at least LEAST around the spot's middle, inside the picture. */
function span(from: number, length: number): [number, number] {
  const middle = from + length / 2
  const half = Math.max(length, LEAST) / 2
  const begin = Math.max(0, Math.min(middle - half, 1 - LEAST))
  return [begin, Math.min(1, Math.max(middle + half, LEAST)) - begin]
}

const percent = (share: number) => `${Number((share * 100).toFixed(2))}%`

/** One ring for each reason that has a place; those about the whole picture have none. */
export function marksOf(reasons: Finding[]): Mark[] {
  return reasons.flatMap(({ spot, rank }) => {
    if (!spot || rank === undefined) return []
    const [left, width] = span(spot.left, spot.width)
    const [top, height] = span(spot.top, spot.height)
    const frame = { left: percent(left), top: percent(top), width: percent(width), height: percent(height) }
    return [{ rank, frame, corner: CORNERS[(rank - 1) % CORNERS.length] ?? 'top-left' }]
  })
}
