// The candidate's own picture with the reasons' rings on it. What the rings say stands in the reasons, so they only look.
import type { Mark } from './marks'
import { Box, Shown } from './kit'

export interface MarkedProps {
  source: string
  alt: string
  marks: Mark[]
  testId?: string
}

export function Marked({ source, alt, marks, testId }: MarkedProps) {
  return (
    <Box className="marked" testId={testId}>
      <Shown source={source} alt={alt} className="marked-image" />
      {marks.map(({ rank, frame }) => (
        <Box className="ring" frame={frame} decoration testId={`ring-${rank}`} key={rank} />
      ))}
      {/* Numbers after all rings, so that no ring crosses one. */}
      {marks.map(({ rank, frame, corner }) => (
        <Box className="ring-place" frame={frame} decoration key={rank}>
          <Box className={`number ring-number ring-number-${corner}`} testId={`ring-number-${rank}`}>
            {String(rank)}
          </Box>
        </Box>
      ))}
    </Box>
  )
}
