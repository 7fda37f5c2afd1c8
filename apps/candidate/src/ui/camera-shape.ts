// What the in-page camera takes.
import type { Picture } from '../platform/picture'

export interface CameraProps {
  /** What the frame drawn over the camera's view is for. */
  frame: 'card-portrait' | 'card-emblem' | 'person'
  title: string
  help: string
  onPicture: (picture: Picture) => void
  onClose: () => void
}
