// A dialog in a browser: labelled, takes the focus and keeps it, gives it back.
import { useEffect, useRef } from 'react'
import { useBack } from '../platform/back'
import type { DialogProps } from './dialog-shape'

const FOCUSABLE = 'button:not([disabled]),a[href],input:not([disabled]):not([tabindex="-1"]),[tabindex="0"]'

export function Dialog({ children, labelledBy, kind, onClose, testId }: DialogProps) {
  const box = useRef<HTMLDivElement>(null)
  useBack(onClose !== undefined, () => onClose?.())
  // Read while drawing: once the page below is inert, its focus is gone.
  const focused = useRef(document.activeElement)
  useEffect(() => {
    const before = focused.current
    box.current?.focus({ preventScroll: true })
    document.documentElement.classList.add('held')
    return () => {
      document.documentElement.classList.remove('held')
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [])
  const keepFocus = (event: React.KeyboardEvent) => {
    if (event.key === 'Escape' && onClose) {
      event.stopPropagation()
      onClose()
    }
    if (event.key !== 'Tab' || !box.current) return
    const stops = Array.from(box.current.querySelectorAll<HTMLElement>(FOCUSABLE))
    const first = stops[0]
    const last = stops[stops.length - 1]
    if (!first || !last) return
    const here = document.activeElement
    if (event.shiftKey && (here === first || here === box.current)) {
      event.preventDefault()
      last.focus()
    } else if (!event.shiftKey && here === last) {
      event.preventDefault()
      first.focus()
    }
  }
  return (
    <div className={`veil veil-${kind}`} onClick={(event) => event.target === event.currentTarget && onClose?.()}>
      <div
        ref={box}
        className={`dialog dialog-${kind}`}
        role="dialog"
        aria-modal="true"
        aria-labelledby={labelledBy}
        tabIndex={-1}
        onKeyDown={keepFocus}
        data-testid={testId}
      >
        {children}
      </div>
    </div>
  )
}
