// Screen 2: one button into the collection.
import mark from '../assets/mark.svg'
import { journey } from '../journey/use-journey'
import { useSpeech } from '../i18n/language'
import { Box, Press, Shown } from '../ui/kit'
import { Screen } from '../ui/screen'

export function Home() {
  const { t } = useSpeech()
  return (
    <Screen
      name="home"
      title={t.home.title}
      mark={<Shown source={mark} alt="" className="home-mark" boxed />}
    >
      <Press kind="primary" className="home-enter" onPress={journey.enter} testId="home-enter">
        {t.home.enter}
      </Press>
      <Box as="section" className="panel">
        <Box className="panel-title">{t.home.prepare}</Box>
        <Box as="ol" className="counted">
          {t.home.items.map((item, index) => (
            <Box as="li" className="counted-item" key={index}>
              <Box className="counted-mark" decoration>
                {String(index + 1)}
              </Box>
              <Box className="counted-words">{item}</Box>
            </Box>
          ))}
        </Box>
      </Box>
      <Box as="p" className="small">
        {t.home.time}
      </Box>
    </Screen>
  )
}
