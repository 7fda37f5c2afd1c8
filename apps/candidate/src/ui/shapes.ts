// What the building blocks take, the same for browser and mini-program.
import type { ReactNode } from 'react'

export interface BoxProps {
  children?: ReactNode
  className?: string
  id?: string
  /** The element it is in a browser. */
  as?: 'div' | 'main' | 'section' | 'header' | 'footer' | 'nav' | 'p' | 'ul' | 'ol' | 'li' | 'dl' | 'dt' | 'dd' | 'figure' | 'figcaption'
  role?: string
  /** Changes inside are read out: at once, or when the reader is free. */
  live?: 'polite' | 'assertive'
  label?: string
  labelledBy?: string
  testId?: string
  /** Takes no part while something lies on top. */
  inert?: boolean
  /** Only looks, says nothing to a screen reader. */
  decoration?: boolean
  /** For a bar that shows a share. */
  width?: string
  /** Lies over what surrounds it, there; CSS percentages. */
  frame?: { left: string; top: string; width: string; height: string }
}

export interface WordsProps {
  children?: ReactNode
  className?: string
  testId?: string
  decoration?: boolean
}

export interface HeadingProps {
  children?: ReactNode
  level: 1 | 2 | 3
  className?: string
  id?: string
}

export interface PressProps {
  children?: ReactNode
  onPress: () => void
  kind?: 'primary' | 'secondary' | 'quiet' | 'bare' | 'danger'
  className?: string
  disabled?: boolean
  busy?: boolean
  testId?: string
  id?: string
  label?: string
  describedBy?: string
  /** It opens a dialog. */
  opens?: boolean
}

export interface TextFieldProps {
  id: string
  label: string
  hint: string
  value: string
  onInput: (value: string) => void
  onEnter: () => void
  /** `han` is one Chinese character. */
  kind: 'phone' | 'code' | 'han'
  maxLength: number
  testId: string
  error: string | null
  /** Stands beside the field. */
  beside?: ReactNode
}

export interface TickProps {
  id: string
  checked: boolean
  onChange: (checked: boolean) => void
  testId: string
  children: ReactNode
  error: string | null
}

export interface ShownProps {
  source: string
  alt: string
  className?: string
  /** The class gives it a height, into which the picture fits whole; without it the height follows the width. */
  boxed?: boolean
  testId?: string
}

export interface PhoneLinkProps {
  number: string
  children: ReactNode
  className?: string
  testId?: string
}

/** A way to choose a picture from the album: `element` has to be drawn, `open` asks for the picture. */
export interface Album {
  element: (testId: string) => ReactNode
  open: () => void
}
