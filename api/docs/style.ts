/** The style sheet of the reference: GET /docs/style.css. */
export const STYLE = `:root { color-scheme: light dark; --ink: #1a2230; --paper: #fff; --soft: #f3f5f8; --line: #d6dbe3; --accent: #1f5fbf; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --paper: #12161d; --soft: #1b212b; --line: #323b49; --accent: #7fb0ff; } }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.55 system-ui, sans-serif; display: grid; grid-template-columns: 17rem minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.5rem 1rem; background: var(--soft); border-right: 1px solid var(--line); font-size: 0.9rem; }
nav ul { list-style: none; margin: 0 0 1rem; padding: 0; }
nav li { padding: 0.15rem 0; }
main { padding: 2rem clamp(1rem, 4vw, 4rem); max-width: 66rem; }
a { color: var(--accent); }
h1 { margin-top: 0; }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); }
h3 { margin-top: 2.5rem; }
code, pre { font: 0.88em/1.5 ui-monospace, monospace; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: 0.9rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 0.75rem 0 1.25rem; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.75rem 0.35rem 0; border-bottom: 1px solid var(--line); }
summary { cursor: pointer; margin: 0.5rem 0; }
.method { font: 600 0.85em ui-monospace, monospace; background: var(--soft); border: 1px solid var(--line); border-radius: 4px; padding: 0.1rem 0.4rem; margin-right: 0.5rem; }
.muted { opacity: 0.75; }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; } }
`;
