import type { History } from '../histories/history-file.ts';
import type { Replayed } from './replay-runs.ts';

type Event = NonNullable<History['events']>[number];

/** How many events before the one in question are shown. */
const BEFORE = 4;

/** The ids of the patches that a run has recorded, in order. */
export function patchesOf({ events }: History): readonly string[] {
  const ids = (events ?? []).flatMap(({ markerRecordedEventAttributes: marker }) => {
    if (marker?.markerName !== 'core_patch') return [];
    const data = marker.details?.['patch-data']?.payloads?.[0]?.data;
    const { id } = JSON.parse(Buffer.from(data ?? '{}').toString()) as { id?: string };
    return id === undefined ? [] : [id];
  });
  return [...new Set(ids)];
}

/**
 * Where a run left its history, for a person: what the SDK says, the events around the place, and the
 * patches that the run and the code have.
 * @param known the patches that the code has (workflows/patches.ts).
 */
export function explain({ run, error }: Replayed, known: readonly string[]): string {
  const events = run.history.events ?? [];
  const said = plain(error?.message ?? 'it replayed');
  const mismatch = MISMATCH.exec(said);
  const at = placeOf(said, mismatch?.[1] ?? null, events);
  const around = events.filter((_, place) => at !== null && place >= at - BEFORE && place <= at);
  const recorded = patchesOf(run.history);
  const missing = recorded.filter((id) => !known.includes(id));
  const unrecorded = known.filter((id) => !recorded.includes(id));
  return [
    `${run.workflowId} (${run.name}) diverged: ${said}`,
    ...around.map((event) => `  ${event === events[at ?? -1] ? '>' : ' '} ${eventText(event)}`),
    mismatch === null
      ? null
      : `  the history says ${mismatch[1] ?? ''}, this code would do ${mismatch[2] ?? ''}`,
    at === null ? `  the history has ${events.length} events; the SDK did not say which one it was` : null,
    missing.length > 0
      ? `  patch missing in this code: ${missing.join(', ')} (recorded in the history; put it back, see workflows/patches.ts)`
      : unrecorded.length > 0
        ? `  the run began before patch ${unrecorded.join(', ')}: what that patch changed must be behind it`
        : '  no patch tells this code from the recorded one: what was changed needs one (workflows/patches.ts)',
  ]
    .filter((line) => line !== null)
    .join('\n');
}

/** The SDK's words for "another one": what was recorded, and what the code asks for. */
const MISMATCH = /(?:recorded marker|scheduled event) '([^']+)' does not match .*? '([^']+)'/;

/** Without what the SDK puts around every one of them. */
function plain(message: string): string {
  const inner = /message: "((?:[^"\\]|\\.)*)"/.exec(message)?.[1];
  return (inner ?? message.replace(/^Replay failed .*?Details: /s, '')).replace(/\s+/g, ' ').trim();
}

/** Where the event is that the SDK names, or the first that does what it says was recorded. */
function placeOf(said: string, recorded: string | null, events: readonly Event[]): number | null {
  const id = /HistoryEvent\(id: (\d+)/.exec(said)?.[1] ?? /event (?:id )?(\d+)/i.exec(said)?.[1];
  const place = events.findIndex((event) =>
    id === undefined ? recorded !== null && whatOf(event).endsWith(recorded) : String(event.eventId) === id,
  );
  return place === -1 ? null : place;
}

/** One event in one line: its number, its kind, and what tells it from others of its kind. */
function eventText(event: Event): string {
  // Exactly one of them is there, and it is what the event is.
  const kind = Object.entries(event).find(
    ([name, value]) => name.endsWith('EventAttributes') && value != null,
  );
  const name = (kind?.[0] ?? 'an event')
    .replace(/EventAttributes$/, '')
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${String(event.eventId)} ${name.trim()} ${whatOf(event)}`.trimEnd();
}

/** What tells an event from others of its kind. */
function whatOf(event: Event): string {
  return (
    event.activityTaskScheduledEventAttributes?.activityType?.name ??
    event.timerStartedEventAttributes?.timerId ??
    event.timerFiredEventAttributes?.timerId ??
    event.timerCanceledEventAttributes?.timerId ??
    event.workflowExecutionSignaledEventAttributes?.signalName ??
    markerText(event) ??
    ''
  );
}

function markerText({ markerRecordedEventAttributes: marker }: Event): string | null {
  if (marker == null) return null;
  const data = marker.details?.['data']?.payloads?.[0]?.data;
  if (marker.markerName !== 'core_local_activity' || data == null) return marker.markerName ?? null;
  try {
    const { activity_type: type } = JSON.parse(Buffer.from(data).toString()) as { activity_type?: string };
    return `${marker.markerName} ${type ?? ''}`;
  } catch {
    return marker.markerName;
  }
}
