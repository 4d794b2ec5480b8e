/** One message of a text/event-stream, between two blank lines. */
export interface Message {
  /** Where the stream stands after it; null when it did not say. */
  readonly id: string | null;
  /** Null = it only says where the stream stands. */
  readonly data: string | null;
}

/**
 * The messages of a text/event-stream (WHATWG HTML, 9.2). A message that is cut off before its blank
 * line is none.
 * @param heard called at every piece, comments included.
 */
export async function* messagesOf(
  pieces: AsyncIterable<Uint8Array>,
  heard: () => void,
): AsyncGenerator<Message, void> {
  const decoder = new TextDecoder();
  let rest = '';
  let id: string | null = null;
  let data: string[] = [];
  for await (const piece of pieces) {
    heard();
    rest += decoder.decode(piece, { stream: true });
    // A CR at the end may be half of a CRLF.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (id !== null || data.length > 0) yield { id, data: data.length === 0 ? null : data.join('\n') };
        id = null;
        data = [];
        continue;
      }
      const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
      if (field === 'id') id = value;
      else if (field === 'data') data.push(value);
    }
  }
}
