// Times as officials write them, by the machine's own clock.

const two = (n: number) => String(n).padStart(2, '0')
/** `2026-03-01` */
export const dayOf = (at: Date) => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`

/** `2026-03-01 09:30:15`, or a dash where there is no time. */
export function timeOf(iso: string | null | undefined): string {
  const at = new Date(iso ?? Number.NaN)
  if (Number.isNaN(at.getTime())) return '—'
  return `${dayOf(at)} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** What a field for a local time holds, as the server reads it. */
export function instantOf(local: string | undefined): string | undefined {
  const at = new Date(local || Number.NaN)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

/** The same, the other way round: what a field for a local time holds. */
export function localOf(iso: string | null | undefined): string {
  const at = new Date(iso ?? Number.NaN)
  return Number.isNaN(at.getTime()) ? '' : `${dayOf(at)}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** When a day begins, `later` days after it, as the server reads it. */
export function dayBegins(day: string | undefined, later = 0): string | undefined {
  const at = new Date(day ? `${day}T00:00` : Number.NaN)
  at.setDate(at.getDate() + later)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
