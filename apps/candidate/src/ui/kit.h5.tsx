// The building blocks in a browser: plain HTML elements, so that keyboard and screen reader work as everywhere.
import { createElement, useRef } from 'react'
import type { Picture } from '../platform/picture'
import type {
  Album,
  BoxProps,
  HeadingProps,
  PhoneLinkProps,
  PressProps,
  ShownProps,
  TextFieldProps,
  TickProps,
  WordsProps,
} from './shapes'

export function Box(props: BoxProps) {
  const { as = 'div', children, className, id, role, live, label, labelledBy, testId, inert, decoration, width, frame } = props
  return createElement(
    as,
    {
      className,
      id,
      role,
      'aria-live': live,
      'aria-label': label,
      'aria-labelledby': labelledBy,
      'aria-hidden': inert || decoration ? true : undefined,
      'data-testid': testId,
      // React 18 passes an unknown attribute on only as text.
      inert: inert ? '' : undefined,
      style: frame ?? (width === undefined ? undefined : { width }),
    },
    children,
  )
}

export function Words({ children, className, testId, decoration }: WordsProps) {
  return (
    <span className={className} data-testid={testId} aria-hidden={decoration ? true : undefined}>
      {children}
    </span>
  )
}

export function Heading({ children, level, className, id }: HeadingProps) {
  return createElement(`h${level}`, { className, id, tabIndex: id === undefined ? undefined : -1 }, children)
}

export function Press(props: PressProps) {
  const { children, onPress, kind = 'secondary', className = '', disabled, busy, testId, id, label, describedBy } = props
  return (
    <button
      type="button"
      id={id}
      className={`press press-${kind} ${busy ? 'press-busy' : ''} ${className}`}
      onClick={() => {
        if (!busy) onPress()
      }}
      disabled={disabled}
      aria-busy={busy ? true : undefined}
      aria-label={label}
      aria-describedby={describedBy}
      aria-haspopup={props.opens ? 'dialog' : undefined}
      data-testid={testId}
    >
      {children}
    </button>
  )
}

export function TextField(props: TextFieldProps) {
  const { id, label, hint, value, onInput, onEnter, kind, maxLength, testId, error, beside } = props
  const errorId = `${id}-error`
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <div className="field-row">
        <input
          className={`field-input ${error === null ? '' : 'field-input-wrong'}`}
          id={id}
          type={kind === 'han' ? 'text' : 'tel'}
          inputMode={kind === 'han' ? 'text' : 'numeric'}
          autoComplete={kind === 'han' ? 'off' : kind === 'phone' ? 'tel-national' : 'one-time-code'}
          placeholder={hint}
          maxLength={maxLength}
          value={value}
          onChange={(event) => onInput(event.target.value)}
          onKeyDown={(event) => {
            // Enter that ends the choice of a character is the input method's own.
            if (event.key === 'Enter' && !event.nativeEvent.isComposing) onEnter()
          }}
          aria-invalid={error === null ? undefined : true}
          aria-describedby={error === null ? undefined : errorId}
          data-testid={testId}
        />
        {beside}
      </div>
      {error !== null && (
        <p className="field-error" id={errorId} role="alert" data-testid={`${testId}-error`}>
          {error}
        </p>
      )}
    </div>
  )
}

export function Tick({ id, checked, onChange, testId, children, error }: TickProps) {
  const errorId = `${id}-error`
  return (
    <div className="field">
      <div className="tick">
        <input
          className="tick-box"
          id={id}
          type="checkbox"
          checked={checked}
          onChange={(event) => onChange(event.target.checked)}
          aria-invalid={error === null ? undefined : true}
          aria-describedby={error === null ? undefined : errorId}
          data-testid={testId}
        />
        <label className="tick-words" htmlFor={id}>
          {children}
        </label>
      </div>
      {error !== null && (
        <p className="field-error" id={errorId} role="alert" data-testid={`${testId}-error`}>
          {error}
        </p>
      )}
    </div>
  )
}

export function Shown({ source, alt, className, testId }: ShownProps) {
  return <img className={className} src={source} alt={alt} data-testid={testId} decoding="async" />
}

export function PhoneLink({ number, children, className = '', testId }: PhoneLinkProps) {
  return (
    <a className={className} href={`tel:${number.replace(/[^+\d]/g, '')}`} data-testid={testId}>
      {children}
    </a>
  )
}

/** Naming these kinds makes iPhones hand out JPEG instead of HEIC. */
const KINDS = 'image/jpeg,image/png,image/webp'

/** `system` opens the phone's own camera instead of the album, where the phone has one. */
function useFile(onPicture: (picture: Picture) => void, system: boolean): Album {
  const input = useRef<HTMLInputElement>(null)
  return {
    open: () => input.current?.click(),
    element: (testId) => (
      <input
        ref={input}
        className="unseen"
        type="file"
        accept={KINDS}
        capture={system ? 'environment' : undefined}
        tabIndex={-1}
        aria-hidden="true"
        data-testid={testId}
        onChange={(event) => {
          const file = event.target.files?.[0]
          event.target.value = ''
          if (file) onPicture(file)
        }}
      />
    ),
  }
}

export const useAlbum = (onPicture: (picture: Picture) => void) => useFile(onPicture, false)
export const useSystemCamera = (onPicture: (picture: Picture) => void) => useFile(onPicture, true)
