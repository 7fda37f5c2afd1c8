// When a session ends for idleness, and a warning before. Looks at the clock each second: a browser slows timers of hidden tabs down, and a
// machine may have slept.

export const WARN_S = 60

export type Idle = { state: 'live' } | { state: 'warning'; left_s: number } | { state: 'over' }

/** Where a session stands. Those shorter than two minutes are warned of at half-time. */
export function idleAt(now: number, touched_at: number, idle_s: number): Idle {
  const left_s = Math.ceil(idle_s - (now - touched_at) / 1000)
  if (left_s <= 0) return { state: 'over' }
  return left_s <= Math.min(WARN_S, idle_s / 2) ? { state: 'warning', left_s } : { state: 'live' }
}

/** Tells each second where the session stands, until it is over or the returned function is called. */
export function watchIdle(idle_s: number, touchedAt: () => number, tell: (idle: Idle) => void): () => void {
  const look = () => {
    const idle = idleAt(Date.now(), touchedAt(), idle_s)
    if (idle.state === 'over') clearInterval(timer)
    tell(idle)
  }
  const timer = setInterval(look, 1000)
  look()
  return () => clearInterval(timer)
}
