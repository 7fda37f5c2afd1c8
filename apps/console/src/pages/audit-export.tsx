// The audit log, as it is filtered, saved as a file.
import { Button } from 'antd'
import { useEffect, useRef, useState } from 'react'
import type { AuditPage, AuditRow } from '../api/shapes'
import { useSpeech } from '../i18n/language'
import type { Texts } from '../i18n/zh'
import { auditCsv, auditLines, collect } from '../office/audit-file'
import { useDoing } from '../ui/load'
import { Trouble } from '../ui/parts'
import { save } from '../ui/save'

const FILES: Record<'csv' | 'jsonl', (t: Texts, rows: AuditRow[]) => Blob> = { csv: auditCsv, jsonl: (_, rows) => auditLines(rows) }
type Kind = keyof typeof FILES

export function AuditExport({ page }: { page: (before: number | undefined) => Promise<AuditPage> }) {
  const { t } = useSpeech()
  const [count, setCount] = useState<number | null>(null)
  const wanted = useRef(true)
  // Whoever leaves the page wants no file.
  useEffect(() => {
    wanted.current = true
    return () => void (wanted.current = false)
  }, [])
  const exporting = useDoing(async (kind: Kind) => {
    wanted.current = true
    setCount(0)
    try {
      const rows = await collect(page, setCount, () => wanted.current)
      if (wanted.current) save(`zhaoyan-audit.${kind}`, FILES[kind](t, rows))
    } finally {
      setCount(null)
    }
  })
  return (
    <>
      <div className="kinds" role="group" aria-label={t.audit.export}>
        {(['csv', 'jsonl'] as const).map((kind) => (
          <Button key={kind} size="small" disabled={exporting.busy} onClick={() => void exporting.run(kind)}>
            {t.audit.exports[kind]}
          </Button>
        ))}
        <span role="status" className="hint">
          {count === null ? t.audit.exportHelp : t.audit.exporting(count)}
        </span>
        {count !== null && (
          <Button size="small" onClick={() => (wanted.current = false)}>
            {t.common.cancel}
          </Button>
        )}
      </div>
      <Trouble problem={exporting.problem} />
    </>
  )
}
