// What was found about both sides of the card and the photo; what is wrong comes first.
import { Tabs } from 'antd'
import type { Finding, Story } from '../../api/shapes'
import { useSpeech, word } from '../../i18n/language'
import { graded, numbersOf } from '../../office/marks'
import type { Tone } from '../../office/states'
import { Mark, Rows, Section } from '../../ui/parts'

const TONES: Record<string, Tone> = { fail: 'error', warn: 'warning', pass: 'success' }

/** Four significant digits: measures are shares, pixels and degrees alike. */
const measureOf = (measure: number | null | undefined): string | null =>
  typeof measure === 'number' ? String(Number(measure.toPrecision(4))) : null

function FindingRows({ which, findings }: { which: string; findings: Finding[] }) {
  const { t, said } = useSpeech()
  const numbers = numbersOf(findings)
  return (
    <Rows<Finding>
      caption={t.candidate.findingsCaption(which)}
      rows={graded(findings)}
      rowKey="id"
      empty={t.candidate.noFindings}
      columns={[
        {
          title: t.candidate.mark,
          key: 'mark',
          align: 'right',
          render: (_, row) => (numbers.has(row.id) ? <b className={`number number-${row.outcome}`}>{numbers.get(row.id)}</b> : t.common.none),
        },
        {
          title: t.candidate.check,
          key: 'title',
          render: (_, row) => (
            <>
              {said(row.title)} <code className="check-id">{row.part ? `${row.id}.${row.part}` : row.id}</code>
            </>
          ),
        },
        { title: t.candidate.outcome, key: 'outcome', render: (_, row) => <Mark tone={TONES[row.outcome]}>{word(t.outcomes, row.outcome)}</Mark> },
        { title: t.candidate.measure, key: 'measure', className: 'figures', align: 'right', render: (_, row) => measureOf(row.measure) ?? t.common.none },
        { title: t.candidate.limit, key: 'limit', className: 'figures', render: (_, row) => row.limit || t.common.none },
        { title: t.candidate.message, key: 'message', className: 'long', render: (_, row) => said(row.message) },
      ]}
    />
  )
}

export function Findings({ story }: { story: Story }) {
  const { t } = useSpeech()
  const reports = [
    { key: 'portrait', which: t.candidate.portrait, findings: story.portrait_findings },
    { key: 'emblem', which: t.candidate.emblem, findings: story.emblem_findings },
    { key: 'photo', which: t.candidate.photo, findings: story.photo_findings },
  ]
  // The last report that there is: that is what the candidate looks at.
  const last = reports.filter(({ findings }) => findings.length > 0).at(-1)?.key ?? 'photo'
  return (
    <Section title={t.candidate.findings}>
      <Tabs
        size="small"
        defaultActiveKey={last}
        items={reports.map(({ key, which, findings }) => {
          const failed = findings.filter(({ outcome }) => outcome === 'fail').length
          const label = failed > 0 ? `${which} (${t.outcomes.fail} ${failed})` : which
          return { key, label, children: <FindingRows which={which} findings={findings} /> }
        })}
      />
    </Section>
  )
}
