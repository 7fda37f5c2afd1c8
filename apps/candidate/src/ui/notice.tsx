// Words that stand out from a screen: what went wrong, what to mind, what is fine.
import type { ReactNode } from 'react'
import type { Text } from '../api/shapes'
import { useSpeech } from '../i18n/language'
import { Box } from './kit'

export interface CalloutProps {
  tone: 'bad' | 'mind' | 'fine' | 'plain'
  title?: string
  children?: ReactNode
  testId?: string
}

const MARKS = { bad: '!', mind: '!', fine: '✓', plain: 'i' }

export function Callout({ tone, title, children, testId }: CalloutProps) {
  return (
    <Box className={`callout callout-${tone}`} testId={testId}>
      <Box className="callout-mark" decoration>
        {MARKS[tone]}
      </Box>
      <Box className="callout-body">
        {title !== undefined && <Box className="callout-title">{title}</Box>}
        {children}
      </Box>
    </Box>
  )
}

/** The place where a screen tells what a step came to; it stands empty so that a reader hears what comes. */
export function Notice({ text }: { text: Text | null }) {
  const { say } = useSpeech()
  return (
    <Box live="assertive" className="notice">
      {text !== null && (
        <Callout tone="bad" testId="notice">
          <Box as="p">{say(text)}</Box>
        </Callout>
      )}
    </Box>
  )
}
