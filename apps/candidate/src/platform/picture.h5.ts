// Pictures in a browser: files and what the camera gave.
import { jpegSize, QUALITY, shrinkBy } from '../picture/plan'

export type Picture = Blob

/** An address that an image can show, until `forget`. */
export const preview = (picture: Picture): string => URL.createObjectURL(picture)

export function forget(source: string): void {
  if (source.startsWith('blob:')) URL.revokeObjectURL(source)
}

export const bytesOf = (picture: Picture): Promise<number> => Promise.resolve(picture.size)

/** Enough of a file to hold its EXIF block, with a thumbnail, and the frame header after it. */
const HEAD_BYTES = 512 * 1024

const turnsUpright = () => typeof CSS !== 'undefined' && CSS.supports('image-orientation', 'from-image')

/** The picture as it should be sent. Whatever fails in making it smaller, the original is sent. */
export async function prepared(picture: Picture): Promise<Picture> {
  try {
    const head = new Uint8Array(await picture.slice(0, HEAD_BYTES).arrayBuffer())
    const share = shrinkBy(jpegSize(head), picture.size)
    if (share === null || !turnsUpright()) return picture
    return await reencoded(picture, share)
  } catch {
    return picture
  }
}

async function reencoded(picture: Picture, share: number): Promise<Picture> {
  const source = URL.createObjectURL(picture)
  try {
    const image = new Image()
    image.src = source
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(image.naturalWidth * share)
    canvas.height = Math.round(image.naturalHeight * share)
    const pen = canvas.getContext('2d')
    if (!pen) return picture
    pen.imageSmoothingQuality = 'high'
    pen.drawImage(image, 0, 0, canvas.width, canvas.height)
    const smaller = await jpegOf(canvas, QUALITY)
    return smaller && smaller.size < picture.size ? smaller : picture
  } finally {
    URL.revokeObjectURL(source)
  }
}

/** `null` where the browser gives none (too large a canvas). */
export function jpegOf(canvas: HTMLCanvasElement, quality: number): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality))
}
