// What happened over time. The picture is for eyes; the same numbers stand in a table beneath it.
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useSpeech } from '../i18n/language'
import { dayOf, timeOf } from '../i18n/time'
import { Rows } from './parts'

export interface Series {
  label: string
  values: number[]
}

const HEIGHT = 220
const DAY_S = 86_400
const FONT = '12px "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", sans-serif'
/** Told apart by more than colour. */
const LOOKS = [
  { stroke: '#17498c', dash: [], border: 'solid' },
  { stroke: '#8a5300', dash: [6, 4], border: 'dashed' },
  { stroke: '#7a2a7a', dash: [2, 3], border: 'dotted' },
  { stroke: '#1d6b35', dash: [10, 3, 2, 3], border: 'double' },
]

/** Steps of an axis that counts: whole ones. */
const COUNTS = [1, 2, 5].flatMap((n) => [n, n * 10, n * 100, n * 1_000, n * 10_000, n * 100_000]).sort((a, b) => a - b)

const iso = (second: number) => new Date(second * 1000).toISOString()
const whenOf = (second: number, days: boolean) => (days ? dayOf(new Date(second * 1000)) : timeOf(iso(second)).slice(0, 16))

/** `03-01` for a day, `09:00` within one. */
function tick(second: number, step: number): string {
  const time = timeOf(iso(second))
  const clock = time.slice(11, 16)
  return step >= DAY_S || clock === '00:00' ? time.slice(5, 10) : clock
}

export function Chart({ title, at, series, days = false }: { title: string; at: number[]; series: Series[]; days?: boolean }) {
  const { t } = useSpeech()
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const within = place.current
    if (!within || at.length === 0) return
    const axis = { font: FONT, stroke: '#4a5260', grid: { stroke: '#e3e6eb', width: 1 }, ticks: { stroke: '#d5d9e0', width: 1 } }
    const bars = uPlot.paths.bars?.({ size: [0.7, 48] })
    const plot = new uPlot(
      {
        width: within.clientWidth,
        height: HEIGHT,
        legend: { markers: { width: 2, dash: (_, n) => LOOKS[(n - 1) % LOOKS.length]?.border ?? 'solid' } },
        cursor: { drag: { x: false, y: false } },
        scales: {
          // Half a day on both sides, so that the first bar and the last are whole.
          ...(days ? { x: { range: (_: uPlot, min: number, max: number): [number, number] => [min - DAY_S / 2, max + DAY_S / 2] } } : {}),
          y: { range: (_, __, max) => [0, Math.max(1, max) * 1.1] },
        },
        axes: [
          {
            ...axis,
            ...(days ? { incrs: [1, 2, 7, 14, 28].map((step) => step * DAY_S) } : {}),
            values: (_, splits, __, ___, step) => splits.map((second) => tick(second, step)),
          },
          { ...axis, size: 56, incrs: COUNTS },
        ],
        series: [
          { label: t.numbers.when, value: (_, second) => (second ? whenOf(second, days) : t.common.none) },
          ...series.map(({ label }, n) => {
            const look = LOOKS[n % LOOKS.length]
            return {
              label,
              stroke: look?.stroke,
              dash: days ? [] : look?.dash,
              width: days ? 0 : 2,
              fill: days ? look?.stroke : undefined,
              paths: days ? bars : undefined,
              points: { show: at.length === 1 && !days },
              value: (_: uPlot, value: number | null) => (value === null ? t.common.none : String(value)),
            }
          }),
        ],
      },
      [at, ...series.map(({ values }) => values)],
      within,
    )
    const watch = new ResizeObserver(() => plot.setSize({ width: within.clientWidth, height: HEIGHT }))
    watch.observe(within)
    return () => {
      watch.disconnect()
      plot.destroy()
    }
  }, [at, series, days, t])
  if (at.length === 0) return <p className="empty">{t.numbers.nothing}</p>
  return (
    <>
      <div ref={place} className="chart" aria-hidden="true" />
      <details className="chart-table">
        <summary>{t.numbers.asTable}</summary>
        <Rows<{ second: number; n: number }>
          caption={title}
          rows={at.map((second, n) => ({ second, n })).reverse()}
          rowKey="second"
          empty={t.numbers.nothing}
          columns={[
            { title: t.numbers.when, key: 'when', className: 'figures', render: (_, row) => whenOf(row.second, days) },
            ...series.map(({ label, values }) => ({
              title: label,
              key: label,
              align: 'right' as const,
              className: 'figures',
              render: (_: unknown, row: { n: number }) => values[row.n],
            })),
          ]}
        />
      </details>
    </>
  )
}
