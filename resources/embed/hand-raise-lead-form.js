/** The form behind the button: a modal dialog in a shadow of its own. One is open at a time; a draft outlives closing. */

import { sheet } from "./hand-raise-lead-style.js";
import { COMPANY_SIZES, STATES, TEXTS, countries } from "./hand-raise-lead-texts.js";

const WAIT_MS = 30_000; // a proxy in between may take a while; the sender of a lead waits as long
// Drawings: Lucide 1.62, ISC licence, Copyright (c) Lucide Icons and Contributors.
const HAND = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M18 11V6a2 2 0 0 0-4 0M14 10V4a2 2 0 0 0-4 0v2M10 10.5V6a2 2 0 0 0-4 0v8"/><path d="M18 8a2 2 0 1 1 4 0v6a8 8 0 0 1-8 8h-2c-2.8 0-4.5-.86-5.99-2.34l-3.6-3.6a2 2 0 0 1 2.83-2.82L7 15"/></svg>`;
const CHECK = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M20 6 9 17l-5-5"/></svg>`;
const CROSS = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M18 6 6 18M6 6l12 12"/></svg>`;
const WARN = `<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="M12 8v4M12 16h.01"/></svg>`;

const drafts = new WeakMap(); // button -> what was typed and not sent
let open = null;

/** Shows the form of *button*; *track* gets the name of each event of it. */
export function openForm(button, opener, track) {
  if (open) return;
  open = new Form(button, opener, track);
  open.show();
}

function make(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...inside);
  return element;
}

function drawn(markup, name) {
  const holder = make("span", { class: name });
  holder.innerHTML = markup; // the constants above, nothing of the page
  return holder;
}

const numeric = (value) => (/^\d{1,15}$/.test(String(value ?? "")) ? Number(value) : (value ?? null));

class Form {
  #fields = new Map(); // name -> {box, control, problem}
  #touched = false;
  #busy = false;
  #sent = false;

  constructor(button, opener, track) {
    this.button = button;
    this.opener = opener;
    this.track = track;
    this.settings = button.settings;
    this.texts = TEXTS[this.settings.language];
  }

  show() {
    this.host = make("hand-raise-lead-form", { "data-theme": this.settings.theme, lang: this.settings.language });
    const root = this.host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    this.dialog = make("dialog", { "aria-labelledby": "title", "aria-describedby": "intro" });
    this.dialog.append(this.#head(), this.#form());
    root.append(this.dialog);
    document.body.append(this.host);
    this.dialog.addEventListener("keydown", (event) => this.#keepFocus(event));
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#cancel();
    });
    this.dialog.addEventListener("pointerdown", (event) => {
      // a click beside an untouched form closes it; one with words in it stays
      if (event.target === this.dialog && !this.#inside(event) && !this.#touched) this.#cancel();
    });
    this.dialog.addEventListener("close", () => this.#gone());
    this.#fill();
    this.dialog.showModal();
    const empty = [...this.#fields.values()].find(({ control, needed }) => needed && !control.value);
    (empty ?? this.#fields.values().next().value).control.focus();
    this.track("hand_raise_form_viewed");
    this.#tell("opened");
  }

  /* ---- building ---- */

  #head() {
    const { userName, firstName } = this.settings.user;
    const name = userName || firstName;
    const close = make("button", { type: "button", class: "close", "aria-label": this.texts.close });
    close.append(drawn(CROSS, "icon"));
    close.addEventListener("click", () => this.#cancel());
    return make(
      "header", {},
      drawn(HAND, "badge"),
      make("div", {},
        make("h2", { id: "title" }, this.texts.title),
        make("p", { id: "intro" }, name ? this.texts.hello(name) : this.texts.intro)),
      close,
    );
  }

  #form() {
    const texts = this.texts;
    this.form = make("form", { novalidate: true, method: "dialog" });
    this.alert = make("div", { class: "alert", role: "alert" });
    const fields = make("div", { class: "fields" });
    fields.append(
      this.#field("first_name", make("input", { autocomplete: "given-name", maxlength: 255 }), { half: true }),
      this.#field("last_name", make("input", { autocomplete: "family-name", maxlength: 255 }), { half: true }),
    );
    if (!this.settings.user.workEmail) {
      fields.append(this.#field("work_email", make("input", { type: "email", autocomplete: "work email", maxlength: 320 })));
    }
    const sized = this.settings.companySize;
    fields.append(this.#field("company_name", make("input", { autocomplete: "organization", maxlength: 255 }), { half: true }));
    if (sized) {
      const sizes = COMPANY_SIZES.map((size) => [size, texts.employees(size.replace("-", "–"))]);
      fields.append(this.#field("company_size", this.#choice(sizes), { half: true }));
    }
    fields.append(
      this.#field("phone_number", make("input", { type: "tel", autocomplete: "work tel", maxlength: 64 }), { half: !sized }),
      this.#field("country", this.#choice(countries(this.settings.language), "country"), { half: true }),
      this.#field("state", this.#choice([]), { half: true }),
      this.#field("comment", make("textarea", { rows: 3, maxlength: 5000 }), { needed: false }),
    );
    this.#fields.get("country").control.addEventListener("change", () => this.#states());
    this.send = make("button", { type: "submit", class: "primary" }, texts.submit);
    const cancel = make("button", { type: "button", class: "quiet" }, texts.cancel);
    cancel.addEventListener("click", () => this.#cancel());
    const { privacyUrl } = this.settings;
    const privacy = make("p", { class: "privacy" }, texts.privacy);
    if (/^https?:|^\//.test(privacyUrl ?? "")) {
      privacy.append(" ", make("a", { href: privacyUrl, target: "_blank", rel: "noopener" }, texts.policy));
    }
    this.form.append(
      make("div", { class: "body" }, this.alert, fields),
      make("footer", {}, privacy, make("div", { class: "actions" }, cancel, this.send)),
    );
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.form.addEventListener("input", () => {
      this.#touched = true;
    });
    return this.form;
  }

  #choice(options, autocomplete) {
    const select = make("select", { autocomplete });
    this.#offer(select, options);
    return select;
  }

  #offer(select, options) {
    select.replaceChildren(make("option", { value: "" }, this.texts.choose));
    for (const [value, name] of options) select.append(make("option", { value }, name));
  }

  #field(name, control, { half = false, needed = true } = {}) {
    control.id = name;
    control.name = name;
    control.setAttribute("data-testid", name.replaceAll("_", "-"));
    control.required = needed;
    if (control.tagName === "INPUT" && !control.type) control.type = "text";
    const label = make("label", { for: name }, this.texts[name]);
    if (!needed) label.append(" ", make("small", {}, this.texts.optional));
    const problem = make("p", { class: "problem", id: `${name}-problem` });
    const box = make("div", { class: half ? "field half" : "field" }, label, control, problem);
    const field = { box, control, problem, needed };
    this.#fields.set(name, field);
    control.addEventListener("blur", () => {
      // what the server refused stays said until the field is changed
      if (control.value && !control.hasAttribute("aria-invalid")) this.#say(name, this.#fault(name));
    });
    control.addEventListener("input", () => {
      if (control.hasAttribute("aria-invalid")) this.#say(name, this.#fault(name));
    });
    return box;
  }

  #fill() {
    const { user } = this.settings;
    const known = {
      first_name: user.firstName, last_name: user.lastName, company_name: user.companyName,
      phone_number: user.phoneNumber, country: user.country, state: user.state,
      ...drafts.get(this.button),
    };
    for (const [name, value] of Object.entries(known)) {
      const control = this.#fields.get(name)?.control;
      if (!control || !value) continue;
      control.value = value;
      if (name === "country") this.#states();
    }
    this.#states();
    if (drafts.has(this.button)) this.#touched = true;
  }

  /** The list of regions follows the country; countries without one have no such field. */
  #states() {
    const field = this.#fields.get("state");
    const options = STATES[this.#fields.get("country").control.value];
    field.box.hidden = !options;
    field.needed = field.control.required = Boolean(options);
    if (field.offered === options) return;
    field.offered = options;
    this.#offer(field.control, options ?? []);
    this.#say("state", "");
  }

  /* ---- what is right and what is not ---- */

  #fault(name) {
    const { control, needed } = this.#fields.get(name);
    const value = control.value.trim();
    if (!value) return needed ? this.texts.needed[name] : "";
    if (name === "work_email" && !/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(value)) return this.texts.wrong.work_email;
    if (name === "phone_number" && value.replace(/\D/g, "").length < 5) return this.texts.wrong.phone_number;
    return "";
  }

  #say(name, fault) {
    const { box, control, problem } = this.#fields.get(name);
    problem.textContent = fault;
    box.classList.toggle("wrong", Boolean(fault));
    if (fault) {
      control.setAttribute("aria-invalid", "true");
      control.setAttribute("aria-describedby", problem.id);
    } else {
      control.removeAttribute("aria-invalid");
      control.removeAttribute("aria-describedby");
    }
  }

  #values() {
    return Object.fromEntries([...this.#fields].map(([name, { control }]) => [name, control.value.trim()]));
  }

  /** The request as the customer portal's hand-raise form knows it, and where the button stood. */
  #request() {
    const { user, glmContent, glmSource, productInteraction, ctaTracking, buttonText } = this.settings;
    const values = this.#values();
    const tracking = Object.fromEntries(Object.entries(ctaTracking).filter(([, value]) => value !== "" && value != null));
    return {
      ...values,
      state: values.state || null,
      work_email: user.workEmail || values.work_email,
      uid: numeric(user.uid),
      provider: user.provider ?? null,
      namespace_id: numeric(user.namespaceId),
      existing_plan: user.existingPlan ?? null,
      setup_for_company: user.setupForCompany ?? null,
      glm_content: glmContent,
      glm_source: glmSource || location.host,
      product_interaction: productInteraction || "Hand Raise PQL",
      cta_tracking: tracking,
      page: location.origin + location.pathname,
      button_text: buttonText,
    };
  }

  /* ---- sending ---- */

  async #submit() {
    if (this.#busy) return;
    const wrong = [...this.#fields.keys()].filter((name) => {
      const fault = this.#fault(name);
      this.#say(name, fault);
      return fault;
    });
    if (wrong.length) return this.#fields.get(wrong[0]).control.focus();
    this.#work(true);
    let answer;
    try {
      answer = await fetch(this.settings.submitPath, this.#post());
    } catch {
      return this.#failed(this.texts.unreachable, "unreachable");
    } finally {
      this.#work(false);
    }
    if (answer.ok) return this.#succeeded();
    if (answer.status === 429) return this.#failed(this.texts.busy, "429");
    return this.#refused(answer);
  }

  #post() {
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    const target = new URL(this.settings.submitPath, location.href);
    const token = document.querySelector('meta[name="csrf-token"]')?.content;
    if (token && target.origin === location.origin) headers["X-CSRF-Token"] = token;
    return {
      method: "POST", headers, body: JSON.stringify(this.#request()), signal: AbortSignal.timeout(WAIT_MS),
      credentials: "same-origin",
    };
  }

  async #refused(answer) {
    const map = await answer.json().then((body) => body?.error_attribute_map, () => null);
    const named = Object.keys(map ?? {}).filter((name) => this.#fields.has(name) && !this.#fields.get(name).box.hidden);
    this.#failed(this.texts.failed, String(answer.status));
    for (const name of named) this.#say(name, this.texts.refused);
    if (named.length) this.#fields.get(named[0]).control.focus();
  }

  #failed(sentence, status) {
    this.alert.replaceChildren(drawn(WARN, "icon"), make("span", {}, sentence));
    this.send.textContent = this.texts.again;
    this.send.focus();
    this.alert.scrollIntoView({ block: "nearest" });
    this.track("hand_raise_submit_form_failed");
    this.#tell("failed", { status });
  }

  #succeeded() {
    this.#sent = true;
    drafts.delete(this.button);
    const email = this.settings.user.workEmail || this.#fields.get("work_email").control.value.trim();
    const title = make("h2", { id: "title", tabindex: -1 }, this.texts.thanks);
    const done = make("button", { type: "button", class: "primary" }, this.texts.done);
    done.addEventListener("click", () => this.#close());
    this.dialog.replaceChildren(
      make("div", { class: "thanks" },
        drawn(CHECK, "badge ok"), title, make("p", { id: "intro", role: "status" }, this.texts.next(email)), done),
    );
    title.focus();
    this.track("hand_raise_submit_form_succeeded");
    this.#tell("succeeded");
  }

  #work(busy) {
    this.#busy = busy;
    this.send.setAttribute("aria-disabled", String(busy));
    this.send.textContent = busy ? this.texts.sending : this.texts.submit;
    this.form.setAttribute("aria-busy", String(busy));
    if (busy) this.alert.replaceChildren();
  }

  /* ---- closing ---- */

  #cancel() {
    if (this.#busy) return;
    if (!this.#sent) {
      if (this.#touched) drafts.set(this.button, this.#values());
      this.track("hand_raise_form_canceled");
    }
    this.#close();
  }

  /** Gone at once: the browser tells of the closing only later, and the button may be pressed again before. */
  #close() {
    this.dialog.close();
    this.#gone();
  }

  #gone() {
    if (open !== this) return;
    open = null;
    this.host.remove();
    if (this.opener.isConnected) this.opener.focus();
    this.#tell("closed", { sent: this.#sent });
  }

  #tell(what, detail = {}) {
    const { glmContent } = this.settings;
    this.button.dispatchEvent(
      new CustomEvent(`hand-raise-lead:${what}`, { detail: { glmContent, ...detail }, bubbles: true, composed: true }),
    );
  }

  #inside({ clientX, clientY }) {
    const { left, right, top, bottom } = this.dialog.getBoundingClientRect();
    return clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
  }

  /** Tab goes round inside the form and never to the page or the browser's own buttons. */
  #keepFocus(event) {
    if (event.key !== "Tab") return;
    const reachable = [...this.dialog.querySelectorAll("button, input, select, textarea, a[href]")]
      .filter((element) => element.offsetParent !== null);
    const first = reachable[0];
    const last = reachable.at(-1);
    const at = this.host.shadowRoot.activeElement;
    if (event.shiftKey ? at === first || !reachable.includes(at) : at === last) {
      event.preventDefault();
      (event.shiftKey ? last : first).focus();
    }
  }
}
