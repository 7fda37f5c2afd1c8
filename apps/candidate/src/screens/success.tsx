// Screen 9, confirmed: 提交成功.
import { useJourney } from '../journey/use-journey'
import { useStored } from '../journey/use-picture'
import { useSpeech } from '../i18n/language'
import { localTime } from '../i18n/time'
import { Box, Shown, Words } from '../ui/kit'
import { Callout } from '../ui/notice'
import { Screen } from '../ui/screen'

export function Success() {
  const { t, language } = useSpeech()
  const { collection, revisions } = useJourney()
  const source = useStored('photo', true, revisions.photo)
  const completed = collection?.completed
  const overwrites = completed?.overwrites ?? []
  return (
    <Screen
      name="success"
      title={t.success.title}
      intro={completed?.by === 'desk' ? t.success.desk : t.success.intro}
      centred
      mark={<Words className="verdict verdict-fine" decoration>✓</Words>}
    >
      <Box as="section" className="result" testId="result-success">
        {source && (
          <Box className="made-frame made-frame-small">
            <Shown source={source} alt={t.success.picture} className="made-image" boxed />
          </Box>
        )}
        {completed?.prior_degree_check && (
          <Callout tone="mind" testId="result-prior-degree">
            <Box as="p" className="strong">
              {t.success.prior}
            </Box>
          </Callout>
        )}
        <Callout tone="plain" testId="result-next">
          <Box as="p">{t.success.back}</Box>
          {overwrites.length > 0 && (
            <Box as="p">{t.success.overwrites(overwrites.map((item) => t.confirm[item]).join(t.list.comma))}</Box>
          )}
        </Callout>
        {completed && (
          <Box as="p" className="small">
            {t.success.at(localTime(completed.at, language))}
          </Box>
        )}
      </Box>
    </Screen>
  )
}
