// Points in time in the words of the page's language, in the phone's own time zone.
import type { Language } from './language'

const two = (value: number) => String(value).padStart(2, '0')

/** Written out by hand: the mini-program's engine knows no languages of its own. */
export function localTime(iso: string, language: Language): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return iso
  const [year, month, day] = [at.getFullYear(), at.getMonth() + 1, at.getDate()]
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`
  return language === 'zh' ? `${year}年${month}月${day}日 ${clock}` : `${year}-${two(month)}-${two(day)} ${clock}`
}
