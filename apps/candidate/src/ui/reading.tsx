// A text to read in full, over the screen.
import { useSpeech } from '../i18n/language'
import { Dialog } from './dialog'
import { Box, Heading, Press } from './kit'

export function Paragraphs({ text }: { text: string }) {
  return (
    <Box className="paragraphs">
      {text.split(/\n\s*\n/).map((paragraph, index) => (
        <Box as="p" className="paragraph" key={index}>
          {paragraph.trim()}
        </Box>
      ))}
    </Box>
  )
}

export function Reading({ title, text, onClose }: { title: string; text: string; onClose: () => void }) {
  const { t } = useSpeech()
  return (
    <Dialog kind="sheet" labelledBy="reading-title" onClose={onClose} testId="reading">
      <Heading level={2} className="dialog-title" id="reading-title">
        {title}
      </Heading>
      <Box className="reading-text">
        <Paragraphs text={text} />
      </Box>
      <Press kind="primary" onPress={onClose} testId="reading-close">
        {t.dismiss}
      </Press>
    </Dialog>
  )
}
