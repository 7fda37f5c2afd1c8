// Findings as a list that a candidate can act on.
import type { Finding, Outcome } from '../api/shapes'
import { useSpeech } from '../i18n/language'
import { Box } from './kit'

export interface ReasonsProps {
  findings: Finding[]
  outcome?: Outcome
  counted?: boolean
  testId?: string
}

export function Reasons({ findings, outcome = 'fail', counted, testId }: ReasonsProps) {
  const { say } = useSpeech()
  const shown = findings.filter((finding) => finding.outcome === outcome)
  return (
    <Box as="ol" className={counted ? 'reasons reasons-counted' : 'reasons'} testId={testId}>
      {shown.map((finding, index) => (
        <Box as="li" className="reason" key={finding.id} testId={`reason-${finding.id}`}>
          {counted && (
            <Box className="reason-mark" decoration>
              {String(index + 1)}
            </Box>
          )}
          <Box className="reason-words">{say(finding.message)}</Box>
        </Box>
      ))}
    </Box>
  )
}
