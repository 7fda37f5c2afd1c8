// Items in which card and registration differ, side by side, in red and in words.
import type { Discrepancy } from '../api/shapes'
import { useSpeech } from '../i18n/language'
import { Box, Words } from './kit'

export function Differences({ items }: { items: Discrepancy[] }) {
  const { t } = useSpeech()
  return (
    <Box as="ul" className="differences">
      {items.map((one) => (
        <Box as="li" className="difference" key={one.item} testId={`difference-${one.item}`}>
          <Box className="difference-head">
            <Words className="difference-item">{t.confirm[one.item]}</Words>
            <Words className="badge badge-bad">{t.differ.badge}</Words>
          </Box>
          <Box as="dl" className="difference-values">
            <Box className="difference-value">
              <Box as="dt" className="difference-of">
                {t.differ.card}
              </Box>
              <Box as="dd" className="difference-words">
                {one.card}
              </Box>
            </Box>
            <Box className="difference-value">
              <Box as="dt" className="difference-of">
                {t.differ.registration}
              </Box>
              <Box as="dd" className="difference-words">
                {one.registration}
              </Box>
            </Box>
          </Box>
        </Box>
      ))}
    </Box>
  )
}
