// Name, number, phone and address in full, for a minute.
import { Button } from 'antd'
import { useEffect, useState } from 'react'
import type { Particulars } from '../../api/shapes'
import { useSpeech } from '../../i18n/language'
import { Section } from '../../ui/parts'

export const SHOWN_S = 60

const FIELDS = ['name', 'number', 'ethnicity', 'address', 'phone'] as const

export function Full({ of, seconds, hide }: { of: Particulars; seconds: number; hide: () => void }) {
  const { t } = useSpeech()
  const [until] = useState(() => Date.now() + seconds * 1000)
  const [left, setLeft] = useState(seconds)
  useEffect(() => {
    const timer = setInterval(() => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000))), 500)
    return () => clearInterval(timer)
  }, [until])
  useEffect(() => {
    if (left === 0) hide()
  }, [left, hide])
  const sources = [
    { title: t.candidate.fromRegistration, plain: of.registration },
    { title: t.candidate.fromCard, plain: of.card },
  ]
  return (
    <Section
      title={t.candidate.full}
      extra={
        <span className="hides">
          {t.candidate.hidesIn(left)} <Button size="small" onClick={hide}>{t.candidate.hide}</Button>
        </span>
      }
    >
      <div className="wide" data-testid="full" role="region" aria-label={t.candidate.full} tabIndex={0}>
        <table className="plain">
          <caption className="unseen">{t.candidate.full}</caption>
          <thead>
            <tr>
              <th scope="col">{t.candidate.field}</th>
              {sources.map(({ title }) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {FIELDS.map((field) => {
              const [registered, card] = sources.map(({ plain }) => plain?.[field] ?? null)
              const differs = field !== 'phone' && !!of.card && !!of.registration && registered !== card
              return (
                <tr key={field} className={differs ? 'differs' : undefined}>
                  <th scope="row">
                    {t.fields[field]}
                    {differs && <span className="differing"> ({t.candidate.differs})</span>}
                  </th>
                  <td>{registered ?? t.common.none}</td>
                  <td>{card ?? t.common.none}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </Section>
  )
}
