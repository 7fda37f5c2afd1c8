// The frame over the camera's view: where the card lies, or head and shoulders.
import cardEmblem from '../assets/frame-emblem.svg'
import cardPortrait from '../assets/frame-portrait.svg'
import person from '../assets/frame-person.svg'
import type { CameraProps } from './camera-shape'
import { Box, Shown } from './kit'

const FRAMES: Record<CameraProps['frame'], string> = {
  'card-portrait': cardPortrait,
  'card-emblem': cardEmblem,
  person,
}

export function CameraFrame({ frame }: Pick<CameraProps, 'frame'>) {
  return (
    <Box className={`camera-frame camera-frame-${frame === 'person' ? 'person' : 'card'}`} decoration>
      <Shown source={FRAMES[frame]} alt="" className="camera-frame-lines" />
    </Box>
  )
}
