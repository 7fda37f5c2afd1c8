// What happened around a collection: attempts, deliveries, consents, events.
import { Timeline } from 'antd'
import type { AttemptRow, ConsentRow, DeliveryRow, EventRow } from '../../api/shapes'
import { useSpeech, word } from '../../i18n/language'
import { timeOf } from '../../i18n/time'
import { detailsOf } from '../../office/details'
import type { Tone } from '../../office/states'
import { Mark, Rows, Section } from '../../ui/parts'

const TONES: Record<string, Tone> = {
  confirmed: 'success', delivered: 'success', refused: 'error', unusable: 'warning', abandoned: 'warning', running: 'processing', queued: 'processing',
}

function Status({ words, status }: { words: Record<string, string>; status: string }) {
  return <Mark tone={TONES[status]}>{word(words, status)}</Mark>
}

export function Attempts({ rows }: { rows: AttemptRow[] }) {
  const { t } = useSpeech()
  return (
    <Section title={t.candidate.attempts}>
      <Rows<AttemptRow>
        caption={t.candidate.attempts}
        rows={rows}
        rowKey="id"
        empty={t.candidate.noAttempts}
        columns={[
          { title: t.candidate.created, key: 'created', className: 'figures', render: (_, row) => timeOf(row.created_at) },
          { title: t.candidate.status, key: 'status', render: (_, row) => <Status words={t.attemptStatus} status={row.status} /> },
          { title: t.candidate.answered, key: 'answered', className: 'figures', render: (_, row) => timeOf(row.answered_at) },
          { title: t.candidate.tries, dataIndex: 'tries', align: 'right' },
          { title: t.candidate.platformSimilarity, key: 'similarity', align: 'right', render: (_, row) => row.similarity?.toFixed(1) ?? t.common.none },
          { title: t.candidate.code, key: 'code', render: (_, row) => row.code ?? t.common.none },
          { title: t.candidate.serial, dataIndex: 'id', className: 'serial' },
        ]}
      />
    </Section>
  )
}

export function Deliveries({ rows }: { rows: DeliveryRow[] }) {
  const { t } = useSpeech()
  return (
    <Section title={t.candidate.deliveries}>
      <Rows<DeliveryRow>
        caption={t.candidate.deliveries}
        rows={rows}
        rowKey="sequence"
        empty={t.candidate.noDeliveries}
        columns={[
          { title: t.candidate.sequence, dataIndex: 'sequence', align: 'right' },
          { title: t.candidate.queued, key: 'queued', className: 'figures', render: (_, row) => timeOf(row.created_at) },
          { title: t.candidate.status, key: 'status', render: (_, row) => <Status words={t.deliveryStatus} status={row.status} /> },
          { title: t.candidate.taken, key: 'taken', className: 'figures', render: (_, row) => timeOf(row.done_at) },
          { title: t.candidate.told, dataIndex: 'tries', align: 'right' },
          { title: t.candidate.code, key: 'code', render: (_, row) => row.code ?? t.common.none },
        ]}
      />
    </Section>
  )
}

export function Consents({ rows }: { rows: ConsentRow[] }) {
  const { t } = useSpeech()
  return (
    <Section title={t.candidate.consents}>
      <Rows<ConsentRow>
        caption={t.candidate.consents}
        rows={rows}
        rowKey={(row) => `${row.kind} ${row.given_at}`}
        empty={t.candidate.noConsents}
        columns={[
          { title: t.candidate.kind, key: 'kind', render: (_, row) => word(t.consents, row.kind) },
          { title: t.candidate.version, dataIndex: 'version' },
          { title: t.candidate.given, key: 'given', className: 'figures', render: (_, row) => timeOf(row.given_at) },
        ]}
      />
    </Section>
  )
}

export function Events({ rows }: { rows: EventRow[] }) {
  const { t } = useSpeech()
  return (
    <Section title={t.candidate.events}>
      {rows.length === 0 ? (
        <p className="empty">{t.candidate.noEvents}</p>
      ) : (
        <Timeline
          items={rows.map((row, at) => ({
            key: `${at}`,
            children: (
              <div className="event">
                <strong>{word(t.events, row.event)}</strong>
                <span className="figures">{timeOf(row.at)}</span>
                <span>{word(t.actors, row.actor)}</span>
                {detailsOf(t, row.details).map((detail) => (
                  <span key={detail}>{detail}</span>
                ))}
              </div>
            ),
          }))}
        />
      )}
    </Section>
  )
}
