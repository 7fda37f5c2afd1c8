// Decides whether a picture is made smaller before it is sent: only where the checks lose nothing by it.

export interface JpegSize {
  width: number
  height: number
}

/**
 * Width and height as stored (before EXIF orientation), read off a JPEG's frame header; `null` if `bytes`, the file's
 * beginning, is no JPEG or does not reach its frame header.
 */
export function jpegSize(bytes: Uint8Array): JpegSize | null {
  const at = (index: number) => bytes[index] ?? 0
  const two = (index: number) => (at(index) << 8) | at(index + 1)
  if (two(0) !== 0xffd8) return null
  let index = 2
  while (index + 9 < bytes.length) {
    if (at(index) !== 0xff) return null
    const marker = at(index + 1)
    if (marker === 0xff) {
      index += 1
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) return { height: two(index + 5), width: two(index + 7) }
    index += 2 + two(index + 2)
  }
  return null
}

/** What a phone's ordinary 12-megapixel picture has at most; such pictures go as they are. */
const MOST_PIXELS = 12_500_000
const MOST_BYTES = 8 * 1024 * 1024
const LONGEST_SIDE = 4000

export const QUALITY = 0.92

/**
 * The share, 0 to 1, by which both sides shrink, or `null` to send the file as it is. Anything but a JPEG goes as it is:
 * re-encoding it would hide from the checks what it was.
 */
export function shrinkBy(size: JpegSize | null, bytes: number): number | null {
  if (!size || size.width === 0 || size.height === 0) return null
  if (size.width * size.height <= MOST_PIXELS && bytes <= MOST_BYTES) return null
  return Math.min(1, LONGEST_SIDE / Math.max(size.width, size.height))
}
