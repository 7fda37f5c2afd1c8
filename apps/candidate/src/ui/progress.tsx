// A bar that shows how much of a picture has been sent.
import { Box } from './kit'

export function ProgressBar({ share, words, busy }: { share: number; words: string; busy: boolean }) {
  return (
    <Box className={busy ? 'progress progress-busy' : 'progress'} testId="progress">
      <Box className="progress-words">{words}</Box>
      <Box className="progress-bar" decoration>
        <Box className="progress-share" width={`${Math.round(Math.max(0.03, share) * 100)}%`} />
      </Box>
    </Box>
  )
}
