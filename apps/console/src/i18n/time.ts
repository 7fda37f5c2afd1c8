// Times as officials write them, by the machine's own clock.

const two = (n: number) => String(n).padStart(2, '0')

/** `2026-03-01 09:30:15`, or a dash where there is no time. */
export function timeOf(iso: string | null | undefined): string {
  const at = new Date(iso ?? Number.NaN)
  if (Number.isNaN(at.getTime())) return '—'
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** What a field for a local time holds, as the server reads it. */
export function instantOf(local: string | undefined): string | undefined {
  const at = new Date(local || Number.NaN)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
