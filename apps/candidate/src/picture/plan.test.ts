import { describe, expect, test } from 'vitest'
import { jpegSize, shrinkBy } from './plan'

const frame = (height: number, width: number) => [0xff, 0xc0, 0, 17, 8, height >> 8, height & 255, width >> 8, width & 255, 3, 1]

describe('reading a JPEG header', () => {
  test('the frame header is found behind EXIF and tables', () => {
    const exif = [0xff, 0xe1, 0, 6, 1, 2, 3, 4]
    const tables = [0xff, 0xc4, 0, 4, 9, 9]
    const bytes = new Uint8Array([0xff, 0xd8, ...exif, ...tables, ...frame(3024, 4032), 0, 0])
    expect(jpegSize(bytes)).toEqual({ width: 4032, height: 3024 })
  })

  test('anything else has no size', () => {
    expect(jpegSize(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3, 4, 5, 6, 7, 8]))).toBeNull()
    expect(jpegSize(new Uint8Array([]))).toBeNull()
    expect(jpegSize(new Uint8Array([0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff, 0, 0, 0, 0, 0, 0]))).toBeNull()
  })
})

describe('what is made smaller', () => {
  const MB = 1024 * 1024

  test('an ordinary 12-megapixel picture goes as it is', () => {
    expect(shrinkBy({ width: 4032, height: 3024 }, 4 * MB)).toBeNull()
  })

  test('a larger one shrinks to 4000 on its longest side, upright or not', () => {
    expect(shrinkBy({ width: 8160, height: 6120 }, 12 * MB)).toBeCloseTo(4000 / 8160)
    expect(shrinkBy({ width: 6120, height: 8160 }, 12 * MB)).toBeCloseTo(4000 / 8160)
  })

  test('a heavy one of few pixels keeps its pixels', () => {
    expect(shrinkBy({ width: 3000, height: 2000 }, 9 * MB)).toBe(1)
  })

  test('a file that is no JPEG goes as it is, however large', () => {
    expect(shrinkBy(null, 19 * MB)).toBeNull()
  })
})
