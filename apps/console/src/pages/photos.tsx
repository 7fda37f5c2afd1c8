// ID photos out: an archive with a manifest, made while the browser fetches it.
import { Button, Radio } from 'antd'
import { useCallback, useState } from 'react'
import { api, ask } from '../api/client'
import type { PhotoExport } from '../api/shapes'
import { useSpeech } from '../i18n/language'
import { timeOf } from '../i18n/time'
import { DeedDialog } from '../ui/dialogs'
import { useLoad } from '../ui/load'
import { Mark, Page, Rows, Section, Trouble } from '../ui/parts'
import { fetchFile } from '../ui/save'

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`

export function PhotosPage({ exam }: { exam: string }) {
  const { t } = useSpeech()
  const [since_last, setSinceLast] = useState(true)
  const [asking, setAsking] = useState(false)
  const [notice, setNotice] = useState<string | null>(null)
  const exports = useLoad(useCallback(() => ask(api.GET('/api/v1/office/exams/{exam}/photos/exports', { params: { path: { exam } } })), [exam]))
  return (
    <Page title={t.photos.title} notice={notice} onSeen={() => setNotice(null)} actions={<Button onClick={exports.reload}>{t.common.reload}</Button>}>
      <Section title={t.photos.export}>
        <p className="hint">{t.photos.help}</p>
        <Radio.Group
          aria-label={t.photos.which}
          value={since_last}
          options={[
            { value: true, label: t.photos.sinceLast },
            { value: false, label: t.photos.all },
          ]}
          onChange={({ target }) => setSinceLast(target.value === true)}
        />
        <div className="form-actions">
          <Button type="primary" onClick={() => setAsking(true)}>
            {t.photos.export}
          </Button>
        </div>
      </Section>
      <Section title={t.photos.past}>
        <Trouble problem={exports.problem} again={exports.reload} />
        {!exports.problem && (
          <Rows<PhotoExport>
            caption={t.photos.past}
            rows={exports.data ?? []}
            rowKey="id"
            empty={exports.loading ? t.common.loading : t.photos.pastEmpty}
            columns={[
              { title: t.photos.started, key: 'started', className: 'figures', render: (_, row) => timeOf(row.started_at) },
              { title: t.photos.actor, dataIndex: 'actor' },
              { title: t.photos.which, key: 'since', className: 'figures', render: (_, row) => (row.since ? t.photos.since(timeOf(row.since)) : t.photos.all) },
              {
                title: t.photos.state,
                key: 'state',
                render: (_, row) => <Mark tone={row.finished_at ? 'success' : 'warning'}>{row.finished_at ? t.photos.finished : t.photos.unfinished}</Mark>,
              },
              { title: t.photos.photos, dataIndex: 'photos', align: 'right', className: 'figures' },
              { title: t.photos.missing, dataIndex: 'missing', align: 'right', className: 'figures' },
              { title: t.photos.remaining, dataIndex: 'remaining', align: 'right', className: 'figures' },
              { title: t.photos.bytes, key: 'bytes', align: 'right', className: 'figures', render: (_, row) => megabytes(row.bytes) },
            ]}
          />
        )}
        <p className="hint">{t.photos.pastHelp}</p>
      </Section>
      {asking && (
        <DeedDialog
          title={t.photos.export}
          ask={t.photos.ask}
          ok={t.photos.ok}
          act={async () => {
            const { path } = await ask(api.POST('/api/v1/office/exams/{exam}/photos/export', { params: { path: { exam } }, body: { since_last } }))
            fetchFile(path)
          }}
          onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false)
            setNotice(t.roster.exported)
            exports.reload()
          }}
        />
      )}
    </Page>
  )
}
