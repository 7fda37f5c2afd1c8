// Parts that every page is made of.
import { Alert, Button, Spin, Table, type TableProps } from 'antd'
import { useEffect, useRef, type ReactNode } from 'react'
import type { Problem } from '../api/problem'
import { useSpeech, word } from '../i18n/language'
import { toneOf, type Tone } from '../office/states'
import type { Loaded } from './load'

/** A page: its heading, which takes the focus when one comes here, and what can be done. */
export function Page(props: { title: string; actions?: ReactNode; notice?: string | null; onSeen?: () => void; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  const { t } = useSpeech()
  useEffect(() => heading.current?.focus(), [])
  useEffect(() => {
    document.title = `${props.title} · ${t.product}`
  }, [props.title, t])
  return (
    <div className="page">
      <div className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {props.title}
        </h1>
        {props.actions && <div className="page-actions">{props.actions}</div>}
      </div>
      <div role="status" className="notice">
        {props.notice && <Alert type="success" showIcon closable message={props.notice} onClose={props.onSeen} role="none" />}
      </div>
      {props.children}
    </div>
  )
}

export function Section(props: { title: string; extra?: ReactNode; children: ReactNode }) {
  return (
    <section className="section">
      <div className="section-head">
        <h2>{props.title}</h2>
        {props.extra}
      </div>
      {props.children}
    </section>
  )
}

export function Trouble({ problem, again }: { problem: Problem | null; again?: () => void }) {
  const { t, said } = useSpeech()
  if (!problem) return null
  return (
    <Alert
      className="trouble"
      type="error"
      showIcon
      message={said(problem.text)}
      description={problem.request && problem.status >= 500 ? t.common.request(problem.request) : undefined}
      action={again && <Button size="small" onClick={again}>{t.common.again}</Button>}
      data-testid="trouble"
    />
  )
}

/** Shows what was loaded, or that it is on its way, or why it is not there. */
export function Whole<T>({ of, children }: { of: Loaded<T>; children: (data: T) => ReactNode }) {
  const { t } = useSpeech()
  if (of.problem) return <Trouble problem={of.problem} again={of.reload} />
  if (of.data === null) {
    return (
      <div className="waiting" role="status">
        <Spin /> {t.common.loading}
      </div>
    )
  }
  return <div aria-busy={of.loading}>{children(of.data)}</div>
}

type Rows<T> = Pick<TableProps<T>, 'columns' | 'rowKey' | 'onRow' | 'rowClassName' | 'loading'> & {
  caption: string
  rows: readonly T[]
  empty: string
}

/** A table that scrolls inside itself where the page is too narrow for it. */
export function Rows<T extends object>({ caption, rows, empty, ...table }: Rows<T>) {
  return (
    <div className="wide" role="region" aria-label={caption} tabIndex={0}>
      <Table<T>
        {...table}
        caption={<span className="unseen">{caption}</span>}
        dataSource={[...rows]}
        size="small"
        pagination={false}
        locale={{ emptyText: <p className="empty">{empty}</p> }}
      />
    </div>
  )
}

/** To the page before and the page after, and which this is. */
export function Pager(props: { page: number; onPrevious: (() => void) | null; onNext: (() => void) | null }) {
  const { t } = useSpeech()
  return (
    <div className="pager">
      <Button size="small" disabled={!props.onPrevious} onClick={props.onPrevious ?? undefined}>
        {t.common.previous}
      </Button>
      <span>{t.common.page(props.page)}</span>
      <Button size="small" disabled={!props.onNext} onClick={props.onNext ?? undefined}>
        {t.common.next}
      </Button>
    </div>
  )
}

/** A word with a colour; it can be read on either. */
export function Mark({ tone, children }: { tone: Tone | undefined; children: ReactNode }) {
  return <span className={`mark mark-${tone ?? 'default'}`}>{children}</span>
}

/** A collection's state in words, with its colour. */
export function StateTag({ state }: { state: string | null | undefined }) {
  const { t } = useSpeech()
  return <Mark tone={toneOf(state)}>{state ? word(t.states, state) : t.noState}</Mark>
}
