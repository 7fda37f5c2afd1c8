// Makes the phone's back key close what lies on top of the page, instead of leaving the page.
import { useEffect, useRef } from 'react'

const open: Array<() => void> = []
let guarded = false

/** One extra history entry stands while anything is open; stepping back over it closes the topmost. */
function settle(): void {
  if (open.length > 0 && !guarded) {
    guarded = true
    window.history.pushState({ zhaoyan: 'open' }, '')
  }
  // What is closed and at once replaced (a choice by the camera it opens) must not step back in between.
  if (open.length === 0 && guarded) {
    setTimeout(() => {
      if (open.length > 0 || !guarded) return
      guarded = false
      window.history.back()
    }, 0)
  }
}

/**
 * Takes over the back key. Called before Taro's router begins, which would draw the one page there is anew and lose what
 * was filled in.
 */
export function takeOverBack(): void {
  window.addEventListener(
    'popstate',
    (event) => {
      event.stopImmediatePropagation()
      if (!guarded) return
      guarded = false
      open[open.length - 1]?.()
      setTimeout(settle, 0)
    },
    true,
  )
}

/** While `active`, back calls `close`. */
export function useBack(active: boolean, close: () => void): void {
  const latest = useRef(close)
  latest.current = close
  useEffect(() => {
    if (!active) return undefined
    const call = () => latest.current()
    open.push(call)
    settle()
    return () => {
      open.splice(open.indexOf(call), 1)
      settle()
    }
  }, [active])
}
