// What a dialog takes.
import type { ReactNode } from 'react'

export interface DialogProps {
  children: ReactNode
  labelledBy: string
  /** `notice` in the middle, `sheet` from below, `full` the whole screen. */
  kind: 'notice' | 'sheet' | 'full'
  /** Without it the dialog cannot be closed. */
  onClose?: () => void
  testId?: string
}
