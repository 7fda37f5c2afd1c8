import { expect, test } from 'vitest'
import { EventReader } from './sse'

test('an event may come in any pieces', () => {
  const whole = 'event: collection\ndata: {"version":3}\n\n'
  for (let cut = 0; cut <= whole.length; cut++) {
    const reader = new EventReader()
    const events = [...reader.read(whole.slice(0, cut)), ...reader.read(whole.slice(cut))]
    expect(events).toEqual([{ event: 'collection', data: '{"version":3}' }])
  }
})

test('comments keep the stream alive and say nothing', () => {
  expect(new EventReader().read(': still here\n\n: still here\n\n')).toEqual([])
})

test('lines may end as on any system, and data may take several', () => {
  const reader = new EventReader()
  expect(reader.read('data: a\r\ndata: b\r\n\r\n')).toEqual([{ event: 'message', data: 'a\nb' }])
})

test('a name does not outlive its event', () => {
  const reader = new EventReader()
  expect(reader.read('event: x\ndata: 1\n\ndata: 2\n\n').map((one) => one.event)).toEqual(['x', 'message'])
})
