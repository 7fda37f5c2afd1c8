// How the numbers of an exam session are shown: series without gaps, shares, times.
import type { Numbers } from '../api/shapes'

const HOUR_S = 3_600

export const LOADS = ['logins', 'cards', 'photos', 'completed'] as const
export type Load = (typeof LOADS)[number]

/** Columns of a chart: seconds since 1970, then a column for each series. */
export interface Columns<S extends string> {
  at: number[]
  of: Record<S, number[]>
}

/** Every hour from the first to the last; the server leaves out those in which nothing happened. */
export function hoursOf({ hours }: Pick<Numbers, 'hours'>): Columns<Load> {
  const known = new Map(hours.map((hour) => [Date.parse(hour.at) / 1000, hour]))
  const [first, last] = [Math.min(...known.keys()), Math.max(...known.keys())]
  const at = known.size === 0 ? [] : Array.from({ length: (last - first) / HOUR_S + 1 }, (_, n) => first + n * HOUR_S)
  const column = (load: Load) => at.map((second) => known.get(second)?.[load] ?? 0)
  return { at, of: { logins: column('logins'), cards: column('cards'), photos: column('photos'), completed: column('completed') } }
}

/** Every day from the first to the last, at its beginning by this machine's clock. */
export function daysOf({ days }: Pick<Numbers, 'days'>): Columns<'completed'> {
  const known = new Map(days.map(({ day, completed }) => [day, completed]))
  const [first = '', last = ''] = [[...known.keys()].sort()[0], [...known.keys()].sort().at(-1)]
  const columns: Columns<'completed'> = { at: [], of: { completed: [] } }
  // Steps in UTC, where every day has 24 hours.
  for (let day = Date.parse(first); day <= Date.parse(last); day += 24 * HOUR_S * 1000) {
    const name = new Date(day).toISOString().slice(0, 10)
    columns.at.push(new Date(`${name}T00:00`).getTime() / 1000)
    columns.of.completed.push(known.get(name) ?? 0)
  }
  return columns
}

/** A share from 0 to 1; null of nothing. */
export const shareOf = (part: number, whole: number): number | null => (whole > 0 ? Math.min(1, part / whole) : null)

/** One decimal, but never 100 % of what is not all, nor 0 % of what is something. */
export function percentOf(part: number, whole: number): string {
  const share = shareOf(part, whole)
  if (share === null) return '—'
  const shown = Math.round(share * 1000) / 10
  if (shown === 100 && part < whole) return '> 99.9%'
  return shown === 0 && part > 0 ? '< 0.1%' : `${shown}%`
}

/** Milliseconds as people say them. */
export const secondsOf = (ms: number): string => (ms < 1_000 ? `${ms} ms` : `${Number((ms / 1_000).toFixed(1))} s`)
