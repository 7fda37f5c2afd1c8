// Photos that wait for a registrar's eye, one after the other, by keyboard alone.
import { Button, Checkbox, Input } from 'antd'
import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react'
import { Link } from 'react-router'
import { api, ask } from '../api/client'
import type { Inspect, WaitingPhoto } from '../api/shapes'
import { useSpeech, word } from '../i18n/language'
import { timeOf } from '../i18n/time'
import { actOf, placeOf, reasonsFor, type Act } from '../office/inspecting'
import { useDoing, useLoad } from '../ui/load'
import { Figure, Marked } from '../ui/marked'
import { Mark, Page, Trouble, Whole } from '../ui/parts'
import { usePictures, type PictureKind } from '../ui/pictures'

// The server takes no more.
const MOST_REASONS = 5
const LONGEST_NOTE = 500
const SHOWN: readonly PictureKind[] = ['photo', 'card_face']

const Key = ({ children }: { children: ReactNode }) => <kbd aria-hidden="true">{children}</kbd>

function Facts({ item }: { item: WaitingPhoto }) {
  const { t, said } = useSpeech()
  return (
    <>
      <dl className="facts">
        <dt>{t.fields.name}</dt>
        <dd>{item.name}</dd>
        <dt>{t.fields.level}</dt>
        <dd>{word(t.levels, item.level)}</dd>
        <dt>{t.inspections.since}</dt>
        <dd className="figures">{timeOf(item.since)}</dd>
        <dt>{t.candidate.similarity}</dt>
        <dd>{typeof item.similarity === 'number' ? item.similarity.toFixed(1) : t.candidate.similarityNone}</dd>
        {item.passed_by.length > 0 && (
          <>
            <dt>{t.inspections.passedBy}</dt>
            <dd>{item.passed_by.join(t.common.list)}</dd>
          </>
        )}
      </dl>
      <h3>{t.inspections.warned}</h3>
      {item.findings.length === 0 ? (
        <p className="hint">{t.inspections.warnedNone}</p>
      ) : (
        <ul className="warned">
          {item.findings.map((finding) => (
            <li key={finding.id}>
              <Mark tone="warning">{said(finding.title)}</Mark>
              {said(finding.message)}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function Refusal(props: {
  item: WaitingPhoto
  chosen: string[]
  note: string
  wrong: string | null
  busy: boolean
  choose: (id: string) => void
  write: (note: string) => void
  confirm: () => void
  cancel: () => void
}) {
  const { t, said } = useSpeech()
  const fieldset = useRef<HTMLFieldSetElement>(null)
  useEffect(() => fieldset.current?.focus(), [])
  const titleOf = (id: string) => {
    const finding = props.item.findings.find((one) => one.id === id)
    return Object.hasOwn(t.inspections.reasons, id) || !finding ? word(t.inspections.reasons, id) : t.inspections.unmet(said(finding.title))
  }
  return (
    <fieldset ref={fieldset} tabIndex={-1} className="refusal">
      <legend>{t.inspections.why}</legend>
      <ul>
        {reasonsFor(props.item).map(({ id, digit }) => (
          <li key={id}>
            <Checkbox checked={props.chosen.includes(id)} onChange={() => props.choose(id)}>
              {digit !== null && <Key>{digit}</Key>} {titleOf(id)}
            </Checkbox>
          </li>
        ))}
      </ul>
      <label htmlFor="note">{t.inspections.note}</label>
      <Input
        id="note"
        value={props.note}
        maxLength={LONGEST_NOTE}
        autoComplete="off"
        aria-describedby="note-help"
        onChange={({ target }) => props.write(target.value)}
      />
      <p id="note-help" className="hint">
        {t.inspections.noteHelp}
      </p>
      {props.wrong && (
        <p role="alert" className="wrong">
          {props.wrong}
        </p>
      )}
      <div className="form-actions">
        <Button danger type="primary" loading={props.busy} onClick={props.confirm}>
          {t.inspections.confirm} <Key>Enter</Key>
        </Button>
        <Button onClick={props.cancel}>
          {t.common.cancel} <Key>Esc</Key>
        </Button>
      </div>
    </fieldset>
  )
}

export function InspectionsPage({ exam }: { exam: string }) {
  const { t } = useSpeech()
  const list = useLoad(useCallback(() => ask(api.GET('/api/v1/office/exams/{exam}/inspections', { params: { path: { exam } } })), [exam]))
  const [decided, setDecided] = useState<string[]>([])
  const [count, setCount] = useState(0)
  const [at, setAt] = useState(0)
  const [refusing, setRefusing] = useState(false)
  const [chosen, setChosen] = useState<string[]>([])
  const [note, setNote] = useState('')
  const [wrong, setWrong] = useState<string | null>(null)
  const [told, setTold] = useState('')
  const [keys, setKeys] = useState(true)
  const heading = useRef<HTMLHeadingElement>(null)
  const items = (list.data?.items ?? []).filter(({ registration }) => !decided.includes(registration))
  const here = Math.min(at, items.length - 1)
  const item = items[here]
  // The next one's pictures come while this one is looked at; the one before stays, for whoever goes back.
  const near = [items[here - 1], item, items[here + 1]].filter((one) => one && (one === item || !one.mine))
  const pictures = usePictures(exam, near.flatMap((one) => (one ? SHOWN.map((kind) => ({ registration: one.registration, kind })) : [])))
  const seen = !!item && !!pictures.of({ registration: item.registration, kind: 'photo' }).url

  const deciding = useDoing(async (registration: string, body: Inspect) => {
    await ask(api.POST('/api/v1/office/exams/{exam}/candidates/{registration}/inspect', { params: { path: { exam, registration } }, body }))
  })
  const { forget } = deciding
  const leave = useCallback(() => {
    setRefusing(false)
    setChosen([])
    setNote('')
    setWrong(null)
  }, [])
  // What comes anew is all there is to decide, from its beginning.
  useEffect(() => {
    setDecided([])
    setAt(0)
    leave()
  }, [list.data, leave])
  const decide = async (body: Inspect) => {
    if (!item || item.mine || !seen || !(await deciding.run(item.registration, body))) return
    leave()
    setTold(body.pass ? t.inspections.passed(item.registration) : t.inspections.refused(item.registration))
    setCount(count + 1)
    setDecided([...decided, item.registration])
    if (items.every((one) => one === item || one.mine)) list.reload()
    heading.current?.focus()
  }
  const move = (by: number) => {
    forget()
    setAt(Math.max(0, Math.min(here + by, items.length - 1)))
    heading.current?.focus()
  }
  const choose = (id: string) => {
    setWrong(null)
    setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id])
  }
  const confirm = () => {
    const why = note.trim()
    const unexplained = chosen.includes('other') && !why
    const lacks = chosen.length === 0 ? t.inspections.noReason : chosen.length > MOST_REASONS ? t.inspections.manyReasons : unexplained ? t.inspections.noNote : null
    setWrong(lacks)
    if (!lacks) void decide({ pass: false, reasons: chosen, ...(why ? { note: why } : {}) })
  }
  const cancel = () => {
    leave()
    heading.current?.focus()
  }
  const { busy } = deciding
  const perform = (act: Act) => {
    // The photo must not change beneath a key while a decision is on its way.
    if (busy) return
    if (act.act === 'next' || act.act === 'previous') return move(act.act === 'next' ? 1 : -1)
    if (act.act === 'cancel') return cancel()
    if (!item || item.mine || !seen) return
    if (act.act === 'pass') void decide({ pass: true })
    if (act.act === 'refuse') setRefusing(true)
    if (act.act === 'confirm') confirm()
    if (act.act === 'reason') {
      const reason = reasonsFor(item).find(({ digit }) => digit === act.digit)
      if (reason) choose(reason.id)
    }
  }
  const press = useRef(perform)
  press.current = perform
  useEffect(() => {
    if (!keys) return
    const listen = (event: KeyboardEvent) => {
      const act = actOf(event, refusing, placeOf(event.target instanceof Element ? event.target : null))
      if (!act) return
      event.preventDefault()
      press.current(act)
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [keys, refusing])

  const waiting = Math.max(0, (list.data?.waiting ?? 0) - decided.length)
  return (
    <Page
      title={t.inspections.title}
      actions={
        <>
          <Checkbox checked={keys} onChange={({ target }) => setKeys(target.checked)}>
            {t.inspections.keys}
          </Checkbox>
          <Button onClick={list.reload}>{t.common.reload}</Button>
        </>
      }
    >
      <p className="tally">
        <span>{t.inspections.waiting(waiting)}</span> <span>{t.inspections.done(count)}</span>{' '}
        <span role="status" className="hint" data-testid="told">
          {told}
        </span>
      </p>
      <Whole of={list}>
        {() =>
          item ? (
            <article className="section inspection" aria-labelledby="inspected">
              <div className="section-head">
                <h2 id="inspected" ref={heading} tabIndex={-1}>
                  {t.inspections.one(item.registration, here + 1, items.length)}
                </h2>
                <Link to={`/exams/${encodeURIComponent(exam)}/candidates/${encodeURIComponent(item.registration)}`}>{t.inspections.story}</Link>
              </div>
              <div className="pair">
                {SHOWN.map((kind) => (
                  <Figure key={kind} name={t.pictures.kinds[kind]}>
                    <Marked
                      held={pictures.of({ registration: item.registration, kind })}
                      alt={t.pictures.alt(t.pictures.kinds[kind])}
                      again={() => pictures.again({ registration: item.registration, kind })}
                    />
                  </Figure>
                ))}
              </div>
              <div className="verdict">
                <Facts item={item} />
                <Trouble
                  problem={deciding.problem}
                  again={() => {
                    forget()
                    list.reload()
                  }}
                />
                {item.mine && (
                  <p className="mine">
                    <Mark tone="processing">{t.inspections.mine}</Mark>
                  </p>
                )}
                {!item.mine && refusing && (
                  <Refusal
                    item={item}
                    chosen={chosen}
                    note={note}
                    wrong={wrong}
                    busy={busy}
                    choose={choose}
                    write={setNote}
                    confirm={confirm}
                    cancel={cancel}
                  />
                )}
                {!item.mine && !refusing && (
                  <div className="decide">
                    <Button type="primary" size="large" disabled={!seen} loading={busy} onClick={() => void decide({ pass: true })}>
                      {t.inspections.pass} <Key>P</Key>
                    </Button>
                    <Button danger size="large" disabled={!seen || busy} onClick={() => setRefusing(true)}>
                      {t.inspections.refuse} <Key>R</Key>
                    </Button>
                  </div>
                )}
                {!refusing && (
                  <div className="decide">
                    <Button disabled={here <= 0 || busy} onClick={() => move(-1)}>
                      <Key>←</Key> {t.inspections.previous}
                    </Button>
                    <Button disabled={here >= items.length - 1 || busy} onClick={() => move(1)}>
                      {t.inspections.next} <Key>→</Key>
                    </Button>
                  </div>
                )}
                <p className="hint">{keys ? t.inspections.keysHelp : t.inspections.keysOff}</p>
              </div>
            </article>
          ) : (
            <p className="section empty">{t.inspections.empty}</p>
          )
        }
      </Whole>
    </Page>
  )
}
