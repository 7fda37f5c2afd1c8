// A candidate's picture: on its way, not to be had, or there, with the rings of what was found.
import { Button, Spin } from 'antd'
import type { ReactNode } from 'react'
import { useSpeech } from '../i18n/language'
import type { Mark } from '../office/marks'
import type { Held } from './pictures'

export function Marked({ held, alt, marks = [], again }: { held: Held; alt: string; marks?: Mark[]; again: () => void }) {
  const { t, said } = useSpeech()
  if (held.problem) {
    return (
      <div className="no-picture" role="alert">
        <p>{said(held.problem.text)}</p>
        {held.problem.status !== 404 && (
          <Button size="small" onClick={again}>
            {t.common.again}
          </Button>
        )}
      </div>
    )
  }
  if (!held.url) {
    return (
      <div className="no-picture" role="status">
        <Spin size="small" /> {t.common.loading}
      </div>
    )
  }
  return (
    <div className="marked">
      <img src={held.url} alt={alt} draggable={false} />
      {marks.map(({ id, frame, outcome }) => (
        <span key={id} aria-hidden="true" className={`ring ring-${outcome}`} style={frame} />
      ))}
      {/* Numbers after all rings, so that no ring crosses one. */}
      {marks.map(({ id, frame, number, outcome, corner }) => (
        <span key={id} aria-hidden="true" className="ring-place" style={frame}>
          <b className={`ring-number ring-number-${corner} ring-number-${outcome}`}>{number}</b>
        </span>
      ))}
    </div>
  )
}

/** A picture under its name. */
export function Figure(props: { name: string; extra?: ReactNode; children: ReactNode }) {
  return (
    <figure className="figure">
      <figcaption>
        {props.name} {props.extra}
      </figcaption>
      {props.children}
    </figure>
  )
}
