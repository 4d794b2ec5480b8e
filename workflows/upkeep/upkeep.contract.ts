/** What the back office does by the calendar. None takes an input: a schedule gives each run an id of its own, and a sealed input is bound to its run's. */
export const KEY_ROTATION_WORKFLOW = 'keyRotation';
export const CARD_RETENTION_WORKFLOW = 'cardRetention';
export const HISTORY_EXPORT_WORKFLOW = 'historyExport';

/** Where these workflows and their activities run. */
export const BACK_OFFICE_TASK_QUEUE = 'back-office';
