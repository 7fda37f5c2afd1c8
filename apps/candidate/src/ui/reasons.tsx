// Findings as a list that a candidate can act on.
import type { Finding } from '../api/shapes'
import { useSpeech } from '../i18n/language'
import { Box } from './kit'

export interface ReasonsProps {
  findings: Finding[]
  /** Each with its rank, the number of its ring in the picture. */
  ranked?: boolean
  testId?: string
}

export function Reasons({ findings, ranked, testId }: ReasonsProps) {
  const { say } = useSpeech()
  return (
    <Box as="ol" className={ranked ? 'reasons reasons-ranked' : 'reasons'} testId={testId}>
      {findings.map((finding) => (
        <Box as="li" className="reason" key={finding.id} testId={`reason-${finding.id}`}>
          {ranked && (
            <Box className="number reason-number" decoration>
              {String(finding.rank)}
            </Box>
          )}
          <Box className="reason-words">{say(finding.message)}</Box>
        </Box>
      ))}
    </Box>
  )
}
