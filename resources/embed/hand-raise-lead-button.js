/**
 * <hand-raise-lead-button>: a button that asks for a call from sales, and the form behind it.
 *
 * One module without dependencies; the form's two modules beside it are loaded when the button is first pointed at,
 * focused or pressed. The button stands in the page itself, so the page's classes, test ids and click tracking reach
 * it; the form has a shadow of its own, so the page's styles do not. Attributes and events: docs/hand-raise.md.
 */

const HERE = new URL(".", import.meta.url);
const LABEL = "hand_raise_lead_form";
const TRIGGER = "js-hand-raise-lead-trigger";
const TRACKED = ["action", "label", "property", "value", "experiment"];
const USER = [
  "namespaceId", "userName", "firstName", "lastName", "companyName", "workEmail", "uid", "phoneNumber", "country",
  "state", "existingPlan", "setupForCompany", "provider",
];
const OBJECTS = ["buttonAttributes", "ctaTracking", "user"];
const OPTIONS = [
  "buttonText", "glmContent", "productInteraction", "glmSource", "submitPath", "reportPath", "variant", "category",
  "small", "buttonClass", "buttonTestid", "companySize", "theme", "privacyUrl", "trackClicks", "snowplow",
];
const NAMES = { en: "Contact sales", de: "Vertrieb kontaktieren", es: "Contactar con ventas" };

const dashed = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const camel = (name) => name.replace(/[-_]([a-z])/g, (_, letter) => letter.toUpperCase());
const shown = (on) => on !== null && on !== undefined && on !== false && on !== "false";

/** The keys of an object as in the guide, whichever spelling it came in. */
function camelKeys(object) {
  return Object.fromEntries(Object.entries(object ?? {}).map(([key, value]) => [camel(key), value]));
}

function parsed(text, what) {
  if (!text) return {};
  try {
    const value = JSON.parse(text);
    if (value && typeof value === "object" && !Array.isArray(value)) return value;
  } catch {
    // said below, as for a list or a number
  }
  console.error(`hand-raise-lead-button: ${what} is not a JSON object: ${text}`);
  return {};
}

/** The language of the texts: the nearest lang attribute that we speak, else English. */
export function languageOf(element) {
  const named = element.closest("[lang]")?.lang || document.documentElement.lang || "";
  const language = named.slice(0, 2).toLowerCase();
  return language in NAMES ? language : "en";
}

/* ---- where buttons stand: one glm-content is one place ---- */

const standing = new Map(); // glm-content -> the buttons of this page that carry it
const reported = new Set();

function report(problem, settings, count) {
  const key = `${problem} ${settings.glmContent}`;
  if (reported.has(key)) return;
  reported.add(key);
  const named = settings.glmContent
    ? `${count} buttons on this page have glm-content "${settings.glmContent}"; give each a value of its own`
    : `"${settings.buttonText}" has no glm-content; nobody can tell where its leads come from`;
  console.error(`hand-raise-lead-button: ${named}.`);
  const path = settings.reportPath ?? (HERE.protocol.startsWith("http") ? new URL("placement_reports", HERE).href : "");
  if (!path) return;
  const body = JSON.stringify({
    problem,
    glm_content: settings.glmContent || null,
    button_text: settings.buttonText,
    count,
    page: location.origin + location.pathname,
  });
  // text/plain needs no question beforehand, and the page may be left right away
  fetch(path, { method: "POST", body, keepalive: true, headers: { "Content-Type": "text/plain" } }).catch(() => {});
}

/** Looks once the page has settled, so that a button that is only moved is not counted twice. */
function look(button) {
  setTimeout(() => {
    if (!button.isConnected) return;
    const settings = button.settings;
    if (!settings.glmContent) return report("missing", settings, 1);
    const beside = standing.get(settings.glmContent)?.size ?? 0;
    if (beside > 1) report("duplicate", settings, beside);
  });
}

/* ---- tracking ---- */

/** Sends one structured event through the page's Snowplow tracker, and tells the page by a DOM event. */
function track(button, action, details = {}) {
  const settings = button.settings;
  const event = { category: document.body.dataset.page || location.pathname, action, ...details };
  for (const key of Object.keys(event)) if (event[key] === undefined || event[key] === "") delete event[key];
  const experiment = settings.ctaTracking.experiment;
  const variant = experiment && window.gl?.experiments?.[experiment]?.variant;
  if (variant) {
    event.context = [
      { schema: "iglu:com.gitlab/gitlab_experiment/jsonschema/1-0-0", data: { experiment, variant } },
    ];
  }
  const tracker = window[settings.snowplow || "snowplow"];
  if (typeof tracker === "function") tracker("trackStructEvent", event);
  button.dispatchEvent(new CustomEvent("hand-raise-lead:track", { detail: event, bubbles: true, composed: true }));
}

const asNumber = (value) => {
  const number = Number(value);
  return value === undefined || value === "" || Number.isNaN(number) ? undefined : number;
};

/* ---- the button ---- */

const sheet = new CSSStyleSheet();
// :where keeps every rule weaker than any class of the page.
sheet.replaceSync(`
:where(hand-raise-lead-button) { display: inline-block; }
:where(.hand-raise-lead__button) {
  --hrl-ink: var(--hand-raise-accent, #4f46e5); --hrl-over: var(--hand-raise-accent-over, #4338ca);
  --hrl-on: var(--hand-raise-on-accent, #fff); --hrl-text: #181a24; --hrl-line: #d3d5dd; --hrl-soft: #f0f0f5;
  appearance: none; box-sizing: border-box; display: inline-flex; align-items: center; justify-content: center;
  min-height: 36px; padding: 0 16px; margin: 0; border: 1px solid transparent; border-radius: 8px;
  font: inherit; font-size: 14px; font-weight: 600; line-height: 1.2; text-decoration: none; cursor: pointer;
  transition: background-color .12s, border-color .12s, color .12s;
}
:where(.hand-raise-lead__button--small) { min-height: 28px; padding: 0 11px; border-radius: 7px; font-size: 13px; }
:where(.hand-raise-lead__button--primary.hand-raise-lead__button--confirm) { background: var(--hrl-ink); color: var(--hrl-on); }
:where(.hand-raise-lead__button--primary.hand-raise-lead__button--confirm:hover) { background: var(--hrl-over); }
:where(.hand-raise-lead__button--secondary.hand-raise-lead__button--confirm) { background: transparent; border-color: var(--hrl-ink); color: var(--hrl-ink); }
:where(.hand-raise-lead__button--tertiary.hand-raise-lead__button--confirm) { background: transparent; color: var(--hrl-ink); }
:where(.hand-raise-lead__button--secondary.hand-raise-lead__button--confirm:hover,
       .hand-raise-lead__button--tertiary.hand-raise-lead__button--confirm:hover) { background: color-mix(in srgb, var(--hrl-ink) 10%, transparent); }
:where(.hand-raise-lead__button--default) { background: transparent; border-color: var(--hrl-line); color: var(--hrl-text); }
:where(.hand-raise-lead__button--default:hover) { background: var(--hrl-soft); }
:where(.hand-raise-lead__button--default.hand-raise-lead__button--tertiary) { border-color: transparent; }
:where(.hand-raise-lead__button:focus-visible) { outline: 2px solid var(--hrl-ink); outline-offset: 2px; }
:where(.hand-raise-lead__button[aria-busy="true"]) { cursor: progress; opacity: .75; }
@media (prefers-color-scheme: dark) {
  :where(.hand-raise-lead__button:not([data-theme="light"])) {
    --hrl-ink: var(--hand-raise-accent, #8b8cf9); --hrl-over: var(--hand-raise-accent-over, #a3a4fb);
    --hrl-on: var(--hand-raise-on-accent, #12132a); --hrl-text: #e8eaf1; --hrl-line: #3a4053; --hrl-soft: #222733;
  }
}
:where(.hand-raise-lead__button[data-theme="dark"]) {
  --hrl-ink: var(--hand-raise-accent, #8b8cf9); --hrl-over: var(--hand-raise-accent-over, #a3a4fb);
  --hrl-on: var(--hand-raise-on-accent, #12132a); --hrl-text: #e8eaf1; --hrl-line: #3a4053; --hrl-soft: #222733;
}
@media (prefers-reduced-motion: reduce) { :where(.hand-raise-lead__button) { transition: none; } }
`);

let form; // the promise of the form's module
const loadForm = () =>
  (form ??= import(new URL("hand-raise-lead-form.js", HERE).href).catch((problem) => {
    form = undefined; // so that the next press tries again
    throw problem;
  }));

class HandRaiseLeadButton extends HTMLElement {
  static observedAttributes = [...OPTIONS, ...USER, ...OBJECTS].map(dashed)
    .concat(TRACKED.map((name) => `track-${name}`), "lang");

  #own = {}; // what was set as properties
  #button = null;
  #counted = null;

  /** What the button is to do: properties beat attributes, single attributes beat JSON ones. */
  get settings() {
    const read = (name) => this.#own[name] ?? this.getAttribute(dashed(name)) ?? undefined;
    const object = (name) =>
      camelKeys(this.#own[name] ?? parsed(this.getAttribute(dashed(name)), dashed(name)));
    const options = Object.fromEntries(OPTIONS.map((name) => [name, read(name)]));
    const user = object("user");
    for (const name of USER) if (read(name) !== undefined) user[name] = read(name);
    const ctaTracking = object("ctaTracking");
    for (const name of TRACKED) {
      const one = this.getAttribute(`track-${name}`);
      if (one !== null) ctaTracking[name] = one;
    }
    const attributes = { ...(this.#own.buttonAttributes ?? parsed(this.getAttribute("button-attributes"), "button-attributes")) };
    const small = shown(options.small) || attributes.size === "small";
    const language = languageOf(this);
    return {
      ...options,
      glmContent: (options.glmContent ?? user.glmContent ?? "").trim(),
      buttonText: options.buttonText || NAMES[language],
      variant: options.variant ?? attributes.variant ?? (small ? "confirm" : "default"),
      category: options.category ?? attributes.category ?? "primary",
      submitPath: options.submitPath || new URL("hand_raises", HERE).href,
      companySize: shown(options.companySize),
      small, language, user, ctaTracking, attributes,
    };
  }

  connectedCallback() {
    const root = this.getRootNode();
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    if (!this.#button) {
      this.#button = document.createElement("button");
      this.#button.addEventListener("click", (event) => this.#pressed(event));
      for (const near of ["pointerenter", "focus"]) {
        this.#button.addEventListener(near, () => loadForm().catch(() => {}), { once: true });
      }
      this.replaceChildren(this.#button);
    }
    this.#paint();
  }

  disconnectedCallback() {
    this.#count(null);
  }

  attributeChangedCallback() {
    if (this.#button && this.isConnected) this.#paint();
  }

  /** Opens the form as a press does. Resolves once it is on screen. */
  async open() {
    this.#button.setAttribute("aria-busy", "true");
    try {
      const { openForm } = await loadForm();
      openForm(this, this.#button, (action, details) => track(this, action, { label: LABEL, ...details }));
    } catch (problem) {
      console.error(`hand-raise-lead-button: the form could not be loaded from ${HERE}.`, problem);
      this.dispatchEvent(new CustomEvent("hand-raise-lead:unavailable", { bubbles: true, composed: true }));
    } finally {
      this.#button.removeAttribute("aria-busy");
    }
  }

  #pressed(event) {
    event.preventDefault();
    const { ctaTracking: { action, label, property, value }, trackClicks } = this.settings;
    if (action && trackClicks !== "page") track(this, action, { label, property, value: asNumber(value) });
    this.open();
  }

  #count(glmContent) {
    if (this.#counted !== null) standing.get(this.#counted)?.delete(this);
    this.#counted = glmContent;
    if (!glmContent) return;
    if (!standing.has(glmContent)) standing.set(glmContent, new Set());
    standing.get(glmContent).add(this);
  }

  #paint() {
    const settings = this.settings;
    const button = this.#button;
    const wanted = {
      type: "button",
      "aria-haspopup": "dialog",
      "data-theme": settings.theme,
      "data-testid": settings.buttonTestid,
    };
    for (const [name, value] of Object.entries(settings.attributes)) {
      if (["variant", "category", "size", "class", "buttonTextClasses"].includes(name) || /^on/i.test(name)) continue;
      wanted[dashed(name)] = value;
    }
    for (const name of TRACKED) wanted[`data-track-${name}`] = settings.ctaTracking[name];
    for (const { name } of [...button.attributes]) if (!(name in wanted)) button.removeAttribute(name);
    for (const [name, value] of Object.entries(wanted)) {
      if (value === undefined || value === null || value === false || value === "") button.removeAttribute(name);
      else button.setAttribute(name, value === true ? "" : String(value));
    }
    const block = "hand-raise-lead__button";
    button.className = [
      block, `${block}--${settings.variant}`, `${block}--${settings.category}`,
      settings.small ? `${block}--small` : "", settings.buttonClass ?? "", settings.attributes.class ?? "",
    ].filter(Boolean).join(" ");
    button.textContent = settings.buttonText;
    if (this.#counted !== settings.glmContent) {
      this.#count(settings.glmContent);
      look(this);
    }
  }

  static {
    for (const name of [...OPTIONS, ...USER, ...OBJECTS]) {
      Object.defineProperty(this.prototype, name, {
        get() { return this.settings[name] ?? this.settings.user[name]; },
        set(value) {
          this.#own[name] = value ?? undefined;
          if (this.#button && this.isConnected) this.#paint();
        },
      });
    }
  }
}

if (!customElements.get("hand-raise-lead-button")) {
  customElements.define("hand-raise-lead-button", HandRaiseLeadButton);
}

/* ---- mounting on what a template left behind ---- */

/** Puts a button in place of each element of class js-hand-raise-lead-trigger, from its data-* attributes. */
export function mountTriggers(root = document) {
  for (const place of root.querySelectorAll(`.${TRIGGER}`)) {
    const button = document.createElement("hand-raise-lead-button");
    // a modal placeholder of the page may know the user, as in GitLab's templates
    const shared = document.querySelector(".js-hand-raise-lead-modal")?.dataset ?? {};
    for (const [name, value] of Object.entries({ ...shared, ...place.dataset })) {
      button.setAttribute(dashed(name), value);
    }
    if (place.id) button.id = place.id;
    const classes = [...place.classList].filter((name) => name !== TRIGGER);
    if (classes.length) button.className = classes.join(" ");
    if (place.lang) button.lang = place.lang;
    if (!place.dataset.buttonText && place.textContent.trim()) button.setAttribute("button-text", place.textContent.trim());
    place.replaceWith(button);
  }
}

const start = () => {
  mountTriggers();
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        if (node.nodeType === 1 && (node.classList.contains(TRIGGER) || node.querySelector(`.${TRIGGER}`))) {
          return mountTriggers();
        }
      }
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
