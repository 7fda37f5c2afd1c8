// What a page loads: its data, or the problem, and a way to load it anew.
import { useCallback, useEffect, useState } from 'react'
import { problemFrom, type Problem } from '../api/problem'

export interface Loaded<T> {
  data: T | null
  problem: Problem | null
  loading: boolean
  reload: () => void
}

/** Loads again whenever `load` is another function. What was loaded before stays until then. */
export function useLoad<T>(load: () => Promise<T>): Loaded<T> {
  const [count, setCount] = useState(0)
  const [held, setHeld] = useState<Omit<Loaded<T>, 'reload'>>({ data: null, problem: null, loading: true })
  useEffect(() => {
    let wanted = true
    setHeld((before) => ({ ...before, loading: true }))
    load().then(
      (data) => wanted && setHeld({ data, problem: null, loading: false }),
      (thrown: unknown) => wanted && setHeld({ data: null, problem: problemFrom(thrown), loading: false }),
    )
    return () => {
      wanted = false
    }
  }, [load, count])
  return { ...held, reload: useCallback(() => setCount((n) => n + 1), []) }
}

export interface Doing<A extends unknown[]> {
  problem: Problem | null
  busy: boolean
  /** Whether it succeeded. */
  run: (...args: A) => Promise<boolean>
  forget: () => void
}

/** Something that is done on a click: once at a time, and with its problem kept for showing. */
export function useDoing<A extends unknown[]>(act: (...args: A) => Promise<void>): Doing<A> {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const run = async (...args: A): Promise<boolean> => {
    if (busy) return false
    setBusy(true)
    setProblem(null)
    try {
      await act(...args)
      return true
    } catch (thrown) {
      setProblem(problemFrom(thrown))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { problem, busy, run, forget: () => setProblem(null) }
}
