import { expect, test } from 'vitest'
import { csvOf } from './csv'

test('what would be a formula is none, and every cell stays one', async () => {
  const rows = [['=1+1', '+8613', '-5', '@sum', '\tx'], ['a,b', 'say "so"', 'two\nlines', -5, '样本·甲']]
  const bytes = new Uint8Array(await csvOf(rows).arrayBuffer())
  expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
  expect(new TextDecoder().decode(bytes)).toBe("'=1+1,'+8613,'-5,'@sum,'\tx\r\n\"a,b\",\"say \"\"so\"\"\",\"two\nlines\",-5,样本·甲\r\n")
})
