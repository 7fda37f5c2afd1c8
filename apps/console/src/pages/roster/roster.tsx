// The roster (报名信息): imported with a try first, and exported.
import { Button, Radio } from 'antd'
import { useCallback, useRef, useState, type DragEvent } from 'react'
import { api, ask } from '../../api/client'
import type { RosterImport } from '../../api/shapes'
import { upload } from '../../api/upload'
import { useSpeech, word } from '../../i18n/language'
import { timeOf } from '../../i18n/time'
import { useExams } from '../../office/exams'
import { useMay } from '../../session/use-session'
import { DeedDialog } from '../../ui/dialogs'
import { useDoing, useLoad } from '../../ui/load'
import { Mark, Page, Rows, Section, Trouble } from '../../ui/parts'
import { fetchFile } from '../../ui/save'
import { COUNTS, ImportView, TONES } from './import'

const EXISTING = ['update', 'keep'] as const
const FORMATS = ['csv', 'xlsx'] as const
const LARGEST = 100 * 1024 * 1024

/** A file that was chosen, and the try that it has been through. */
interface Chosen {
  file: File
  existing: string
  tried: string | null
}

const fits = (file: File) => /\.(csv|xlsx)$/i.test(file.name) && file.size <= LARGEST

function FileField({ file, disabled, choose }: { file: File | null; disabled: boolean; choose: (file: File) => void }) {
  const { t } = useSpeech()
  const [over, setOver] = useState(false)
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const [dropped] = event.dataTransfer.files
    if (dropped && !disabled) choose(dropped)
  }
  return (
    <label
      className="drop"
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <input
        type="file"
        accept=".csv,.xlsx"
        className="unseen"
        aria-label={t.roster.choose}
        disabled={disabled}
        onChange={({ target }) => {
          const chosen = target.files?.[0]
          if (chosen) choose(chosen)
          // So that the same file, mended, can be chosen again.
          target.value = ''
        }}
      />
      <strong>{file ? file.name : t.roster.choose}</strong>
      <span className="hint">{t.roster.chooseHelp}</span>
    </label>
  )
}

export function RosterPage({ exam }: { exam: string }) {
  const { t } = useSpeech()
  const may = useMay()
  const exams = useExams()
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const [existing, setExisting] = useState<string>('update')
  const [unfit, setUnfit] = useState(false)
  const [share, setShare] = useState<number | null>(null)
  const [shown, setShown] = useState<string | null>(null)
  const [real, setReal] = useState<RosterImport | null>(null)
  const [format, setFormat] = useState<(typeof FORMATS)[number] | null>(null)
  const [notice, setNotice] = useState<string | null>(null)
  const control = useRef<AbortController | null>(null)
  const imports = useLoad(useCallback(() => ask(api.GET('/api/v1/office/exams/{exam}/roster/imports', { params: { path: { exam } } })), [exam]))
  const { reload: listAnew } = imports
  const { reload: countAnew } = exams
  const settled = useCallback(() => {
    listAnew()
    countAnew()
  }, [listAnew, countAnew])
  const sending = useDoing(async (file: File, how: string, dry_run: boolean) => {
    const query = new URLSearchParams({ dry_run: String(dry_run), existing: how })
    const mine = new AbortController()
    control.current = mine
    setShare(0)
    try {
      const begun = await upload<RosterImport>(`/api/v1/office/exams/${encodeURIComponent(exam)}/roster/imports?${query}`, file, setShare, mine.signal)
      setShown(begun.id)
      setChosen(dry_run ? { file, existing: how, tried: begun.id } : null)
      listAnew()
    } catch (thrown) {
      if (!mine.signal.aborted) throw thrown
    } finally {
      setShare(null)
    }
  })
  const choose = (file: File) => {
    sending.forget()
    setUnfit(!fits(file))
    setShown(null)
    setNotice(null)
    setChosen(fits(file) ? { file, existing, tried: null } : null)
  }
  const next = (of: RosterImport) => {
    if (!chosen || of.id !== chosen.tried) return of.dry_run ? <p className="hint">{t.roster.chooseAgain}</p> : null
    return (
      <div className="form-actions">
        <Button type="primary" disabled={sending.busy || of.rows === of.refused} onClick={() => setReal(of)}>
          {t.roster.real}
        </Button>
        <span className="hint">{of.refused > 0 ? t.roster.realWithout(of.refused) : t.roster.realHelp}</span>
      </div>
    )
  }
  return (
    <Page
      title={t.roster.title}
      notice={notice}
      onSeen={() => setNotice(null)}
      actions={
        <>
          {may('export_roster') &&
            FORMATS.map((one) => (
              <Button key={one} onClick={() => setFormat(one)}>
                {t.roster.exports[one]}
              </Button>
            ))}
          <Button onClick={listAnew}>{t.common.reload}</Button>
        </>
      }
    >
      <Section title={t.roster.import}>
        <FileField file={chosen?.file ?? null} disabled={sending.busy} choose={choose} />
        {unfit && (
          <p role="alert" className="wrong">
            {t.roster.unfit}
          </p>
        )}
        <p id="existing">{t.roster.existing}</p>
        <Radio.Group
          aria-labelledby="existing"
          value={existing}
          disabled={sending.busy}
          options={EXISTING.map((value) => ({ value, label: t.roster.existings[value] }))}
          onChange={({ target }) => {
            setExisting(String(target.value))
            setChosen(chosen && { ...chosen, existing: String(target.value), tried: null })
          }}
        />
        <div className="form-actions">
          <Button
            type={chosen?.tried ? 'default' : 'primary'}
            disabled={!chosen}
            loading={sending.busy}
            onClick={() => chosen && void sending.run(chosen.file, existing, true)}
          >
            {t.roster.try}
          </Button>
          <span className="hint">{t.roster.tryHelp}</span>
        </div>
        {share !== null && (
          <div className="progress">
            <progress aria-label={t.roster.uploading} max={100} value={Math.round(share * 100)} />
            <span>
              {t.roster.uploading} {Math.round(share * 100)}%
            </span>
            <Button size="small" onClick={() => control.current?.abort()}>
              {t.common.cancel}
            </Button>
          </div>
        )}
        <Trouble problem={sending.problem} />
      </Section>
      {shown && <ImportView key={shown} exam={exam} id={shown} onSettled={settled} next={next} />}
      <Section title={t.roster.past}>
        <Trouble problem={imports.problem} again={listAnew} />
        {!imports.problem && (
          <Rows<RosterImport>
            caption={t.roster.past}
            rows={imports.data ?? []}
            rowKey="id"
            empty={imports.loading ? t.common.loading : t.roster.pastEmpty}
            columns={[
              { title: t.roster.started, key: 'started', className: 'figures', render: (_, row) => timeOf(row.started_at) },
              {
                title: t.roster.file,
                key: 'file',
                className: 'file',
                render: (_: unknown, row: RosterImport) => (
                  <Button type="link" size="small" className="link" aria-label={t.roster.openOne(row.file, timeOf(row.started_at))} onClick={() => setShown(row.id)}>
                    {row.file}
                  </Button>
                ),
              },
              { title: t.roster.kind, key: 'kind', render: (_, row) => (row.dry_run ? t.roster.tried : t.roster.real) },
              { title: t.roster.actor, dataIndex: 'actor' },
              { title: t.roster.state, key: 'state', render: (_, row) => <Mark tone={TONES[row.state]}>{word(t.roster.states, row.state)}</Mark> },
              ...COUNTS.map((count) => ({ title: t.roster.counts[count], dataIndex: count, align: 'right' as const, className: 'figures' })),
            ]}
          />
        )}
      </Section>
      {real && chosen && (
        <DeedDialog
          title={t.roster.real}
          ask={t.roster.realAsk(real.added, real.changed)}
          ok={t.roster.realOk}
          act={async () => undefined}
          onClose={() => setReal(null)}
          onDone={() => {
            setReal(null)
            void sending.run(chosen.file, chosen.existing, false)
          }}
        />
      )}
      {format && (
        <DeedDialog
          title={t.roster.exports[format]}
          ask={t.roster.exportAsk}
          ok={t.roster.exportOk}
          act={async () => {
            const { path } = await ask(api.POST('/api/v1/office/exams/{exam}/roster/export', { params: { path: { exam } }, body: { format } }))
            fetchFile(path)
          }}
          onClose={() => setFormat(null)}
          onDone={() => {
            setFormat(null)
            setNotice(t.roster.exported)
          }}
        />
      )}
    </Page>
  )
}
