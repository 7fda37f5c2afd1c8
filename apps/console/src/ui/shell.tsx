// What stands about every page: header, menu, the warning before an idle session ends.
import { Button, Select } from 'antd'
import { useCallback, useEffect, useState } from 'react'
import { NavLink, Outlet, useMatch, useNavigate } from 'react-router'
import { api, ask } from '../api/client'
import { useSpeech, word } from '../i18n/language'
import { Exams } from '../office/exams'
import { IdleWarning } from '../session/idle-warning'
import { session, type Session } from '../session/session'
import { useMay } from '../session/use-session'
import { useLoad } from './load'

export function LanguageSwitch() {
  const { t, language, change } = useSpeech()
  return (
    <Button size="small" type="text" lang={language === 'zh' ? 'en' : 'zh-CN'} aria-label={t.language.choose} onClick={() => change(language === 'zh' ? 'en' : 'zh')}>
      {t.language.other}
    </Button>
  )
}

export function Shell({ of }: { of: Session }) {
  const { t } = useSpeech()
  const may = useMay()
  const navigate = useNavigate()
  const exams = useLoad(useCallback(() => ask(api.GET('/api/v1/office/exams')), []))
  const here = useMatch('/exams/:exam/*')?.params.exam
  const [last, setLast] = useState<string | null>(null)
  useEffect(() => {
    if (here) setLast(here)
  }, [here])
  const chosen = here ?? last ?? (exams.data?.find((exam) => exam.open) ?? exams.data?.[0])?.id ?? null
  const signOut = async () => {
    // This browser forgets the session before the server answers: who turns away at once must not stay signed in.
    session.end('signed_out')
    // Kept alive, so that the server hears of it even if the tab is closed.
    void ask(api.POST('/api/v1/office/sign-out', { headers: { Authorization: `Bearer ${of.token}` }, keepalive: true })).catch(() => undefined)
    await navigate('/')
  }
  const inChosen = (page: string) => `/exams/${encodeURIComponent(chosen ?? '')}/${page}`
  const links = [
    { to: chosen === null ? '/' : inChosen('candidates'), label: t.nav.candidates, shown: true },
    { to: inChosen('numbers'), label: t.nav.numbers, shown: chosen !== null && may('see_numbers') },
    { to: inChosen('inspections'), label: t.nav.inspections, shown: chosen !== null && may('review_photo') },
    { to: inChosen('roster'), label: t.nav.roster, shown: chosen !== null && may('import_roster') },
    { to: inChosen('photos'), label: t.nav.photos, shown: chosen !== null && may('export_photos') },
    { to: '/sessions', label: t.nav.sessions, shown: may('see_exams') },
    { to: '/staff', label: t.nav.staff, shown: may('see_staff') },
    { to: '/audit', label: t.nav.audit, shown: may('see_audit') },
    { to: '/password', label: t.nav.password, shown: true },
  ]
  return (
    <Exams.Provider value={exams}>
      <div className="shell">
        <a className="skip" href="#main">
          {t.skip}
        </a>
        <header className="header">
          <span className="product">
            {t.product} <small>{t.productLine}</small>
          </span>
          <label className="exam" htmlFor="exam">
            <span>{t.header.exam}</span>
            <Select
              id="exam"
              aria-label={t.header.exam}
              value={chosen}
              loading={exams.loading && !exams.data}
              popupMatchSelectWidth={false}
              notFoundContent={t.header.noExam}
              options={(exams.data ?? []).map((exam) => ({ value: exam.id, label: exam.open ? exam.name : `${exam.name} (${t.header.closed})` }))}
              onChange={(id: string) => void navigate(`/exams/${encodeURIComponent(id)}/candidates`)}
            />
          </label>
          <span className="who" data-testid="who">
            {of.me.account} · {word(t.roles, of.me.role)}
          </span>
          <LanguageSwitch />
          <Button size="small" onClick={() => void signOut()}>
            {t.header.signOut}
          </Button>
        </header>
        <nav className="menu" aria-label={t.nav.label}>
          <ul>
            {links.filter((link) => link.shown).map((link) => (
              <li key={link.label}>
                <NavLink to={link.to}>{link.label}</NavLink>
              </li>
            ))}
          </ul>
        </nav>
        <main id="main" tabIndex={-1}>
          <Outlet context={chosen} />
        </main>
      </div>
      <IdleWarning of={of} />
    </Exams.Provider>
  )
}
