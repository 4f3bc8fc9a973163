/** The look of the form, light and dark; a page changes the accent by --hand-raise-accent and its two neighbours. */

export const sheet = new CSSStyleSheet();

const DARK = `
  --surface: #181c26; --raised: #1f2430; --line: #353c4d; --text: #e8eaf1; --muted: #a3a9b9;
  --accent: var(--hand-raise-accent, #8b8cf9); --accent-over: var(--hand-raise-accent-over, #a3a4fb);
  --on-accent: var(--hand-raise-on-accent, #12132a); --soft: #24264a; --field: #12151d; --hover: #262b39;
  --ok: #4cc38a; --ok-soft: #12301f; --bad: #f0718a; --bad-soft: #3a1a22; --bad-text: #f6a3b3; --shade: rgb(4 6 12 / 62%);
  color-scheme: dark;
`;

sheet.replaceSync(`
:host {
  --surface: #fff; --raised: #f8f8fb; --line: #d7d9e1; --text: #181a24; --muted: #5f6472;
  --accent: var(--hand-raise-accent, #4f46e5); --accent-over: var(--hand-raise-accent-over, #4338ca);
  --on-accent: var(--hand-raise-on-accent, #fff); --soft: #eeedfd; --field: #fff; --hover: #f0f0f5;
  --ok: #0e7a55; --ok-soft: #e3f4ec; --bad: #be2f45; --bad-soft: #fbe8eb; --bad-text: #8f1d31; --shade: rgb(18 20 32 / 45%);
  color-scheme: light;
}
@media (prefers-color-scheme: dark) { :host(:not([data-theme="light"])) { ${DARK} } }
:host([data-theme="dark"]) { ${DARK} }

* { box-sizing: border-box; }
[hidden] { display: none !important; }
dialog {
  width: min(560px, calc(100vw - 24px)); max-height: calc(100dvh - 32px); padding: 0; border: 1px solid transparent;
  border-radius: 16px; overflow: hidden; background: var(--surface); color: var(--text);
  font: 400 14px/1.45 Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  box-shadow: 0 1px 2px rgb(10 12 24 / 8%), 0 24px 64px -12px rgb(10 12 24 / 38%);
}
:host([data-theme="dark"]) dialog { border-color: var(--line); }
@media (prefers-color-scheme: dark) { :host(:not([data-theme="light"])) dialog { border-color: var(--line); } }
dialog[open] { display: flex; flex-direction: column; animation: rise .18s cubic-bezier(.2, .8, .3, 1); }
dialog::backdrop { background: var(--shade); animation: fade .18s ease-out; }
@keyframes rise { from { opacity: 0; transform: translateY(10px) scale(.985); } }
@keyframes fade { from { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { dialog[open], dialog::backdrop { animation: none; } }

header { display: grid; grid-template-columns: auto 1fr auto; gap: 14px; padding: 24px 24px 4px; }
h2 { margin: 0; font-size: 18px; line-height: 1.3; font-weight: 650; letter-spacing: -.012em; }
h2:focus { outline: none; }
p { margin: 0; }
header p { margin-top: 3px; color: var(--muted); text-wrap: balance; }
svg { display: block; width: 100%; height: 100%; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.badge { width: 40px; height: 40px; padding: 10px; border-radius: 11px; background: var(--soft); color: var(--accent); }
.badge.ok { width: 52px; height: 52px; padding: 13px; border-radius: 50%; background: var(--ok-soft); color: var(--ok); }
.icon { flex: none; width: 18px; height: 18px; }
.close {
  width: 32px; height: 32px; margin: -6px -8px 0 0; padding: 7px; border: 0; border-radius: 8px; background: none;
  color: var(--muted); cursor: pointer;
}
.close:hover { background: var(--hover); color: var(--text); }

form { display: flex; flex-direction: column; min-height: 0; }
.body { overflow: auto; padding: 16px 24px 20px; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 14px 14px; }
.field { grid-column: 1 / -1; min-width: 0; }
.field.half { grid-column: auto; }
label { display: flex; justify-content: space-between; gap: 8px; margin-bottom: 5px; font-size: 13px; font-weight: 550; }
label small { font-size: 12px; font-weight: 400; color: var(--muted); }
input, select, textarea {
  width: 100%; height: 38px; padding: 0 12px; border: 1px solid var(--line); border-radius: 8px; margin: 0;
  background: var(--field); color: inherit; font: inherit; transition: border-color .12s, box-shadow .12s;
}
select {
  appearance: none; padding-right: 34px; background-repeat: no-repeat; background-position: right 12px center; text-overflow: ellipsis;
  background-image: url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='14' height='14' viewBox='0 0 24 24' fill='none' stroke='%238a8fa0' stroke-width='2.4' stroke-linecap='round' stroke-linejoin='round'%3E%3Cpath d='m6 9 6 6 6-6'/%3E%3C/svg%3E");
}
option { background: var(--surface); color: var(--text); }
textarea { height: auto; min-height: 84px; padding: 9px 12px; resize: vertical; display: block; }
:is(input, select, textarea):hover { border-color: color-mix(in srgb, var(--line) 55%, var(--muted)); }
:is(input, select, textarea):focus {
  outline: none; border-color: var(--accent); box-shadow: 0 0 0 3px color-mix(in srgb, var(--accent) 24%, transparent);
}
.wrong :is(input, select, textarea) { border-color: var(--bad); }
.wrong :is(input, select, textarea):focus { box-shadow: 0 0 0 3px color-mix(in srgb, var(--bad) 22%, transparent); }
.problem { font-size: 12.5px; color: var(--bad); }
.problem:not(:empty) { margin-top: 5px; }
.alert:not(:empty) {
  display: flex; gap: 10px; margin-bottom: 16px; padding: 11px 13px; border-radius: 9px;
  background: var(--bad-soft); color: var(--bad-text); font-weight: 500;
}

footer {
  display: flex; align-items: center; justify-content: space-between; gap: 20px; padding: 14px 24px;
  background: var(--raised); border-top: 1px solid color-mix(in srgb, var(--line) 60%, transparent);
}
.privacy { font-size: 12px; color: var(--muted); text-wrap: balance; }
a { color: var(--accent); text-underline-offset: 2px; }
.actions { display: flex; gap: 8px; flex: none; }
:is(.primary, .quiet) {
  min-height: 38px; padding: 0 16px; border: 0; border-radius: 8px; font: inherit; font-weight: 600; cursor: pointer; white-space: nowrap;
  transition: background-color .12s;
}
.primary { background: var(--accent); color: var(--on-accent); }
.primary:hover { background: var(--accent-over); }
.primary[aria-disabled="true"] { cursor: progress; opacity: .7; }
.quiet { background: none; color: var(--text); }
.quiet:hover { background: var(--hover); }
:is(button, a):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

.thanks { display: flex; flex-direction: column; align-items: center; gap: 8px; padding: 40px 32px 32px; text-align: center; }
.thanks h2 { margin-top: 10px; }
.thanks p { color: var(--muted); max-width: 40ch; overflow-wrap: anywhere; text-wrap: balance; }
.thanks .primary { margin-top: 16px; min-width: 120px; }

@media (max-width: 520px) {
  dialog { max-width: none; width: 100vw; margin-bottom: 0; border-radius: 16px 16px 0 0; }
  .field.half { grid-column: 1 / -1; }
  footer { flex-direction: column; align-items: stretch; gap: 12px; }
  .actions { flex-direction: column-reverse; }
}
@media (forced-colors: active) { dialog { border-color: CanvasText; } .primary { border: 1px solid ButtonText; } }
`);
