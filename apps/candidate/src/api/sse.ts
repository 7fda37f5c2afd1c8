// Reads server-sent events out of a stream of text, chunk by chunk.

export interface ServerEvent {
  event: string
  data: string
}

/** Feeds chunks in, gets the events that they complete out; comments and unknown fields are passed over. */
export class EventReader {
  private rest = ''
  private event = 'message'
  private data: string[] = []

  read(chunk: string): ServerEvent[] {
    const complete: ServerEvent[] = []
    const lines = (this.rest + chunk).split(/\r\n|\n|\r(?!$)/)
    this.rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        if (this.data.length > 0) complete.push({ event: this.event, data: this.data.join('\n') })
        this.event = 'message'
        this.data = []
        continue
      }
      const colon = line.indexOf(':')
      if (colon === 0) continue
      const field = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'event') this.event = value
      if (field === 'data') this.data.push(value)
    }
    return complete
  }
}
