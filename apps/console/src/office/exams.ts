// The exam sessions, loaded once for all pages.
import { createContext, useContext } from 'react'
import type { Exam } from '../api/shapes'
import type { Loaded } from '../ui/load'

export const Exams = createContext<Loaded<Exam[]> | null>(null)

export function useExams(): Loaded<Exam[]> {
  const exams = useContext(Exams)
  if (!exams) throw new Error('no exam sessions here')
  return exams
}
