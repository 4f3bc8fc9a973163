"""The hand-raise button in a real browser: what it shows, what keys do, what a screen reader hears, what is sent."""

from collections.abc import Callable
from typing import Any

import pytest
from fixtures_browser import BUTTON, FORM, Site

from pqldesk.sandbox.browser import Page

Show = Callable[..., Page]
DANA = (
    'user-name="Dana" first-name="Dana" last-name="Ruiz" company-name="Birchline Ltd" namespace-id="4521" '
    'work-email="dana@example.com" uid="8841" existing-plan="free"'
)
BILLING = f'<hand-raise-lead-button glm-content="group-billing" {DANA}></hand-raise-lead-button>'
WEAK_TEXTS = """root => {
  const rgb = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => rgb(colour).slice(0, 3)
    .map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, n) => sum + v * [.2126, .7152, .0722][n], 0);
  const ground = element => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (rgb(colour)[3] !== 0) return colour;
    }
  };
  return [...root.querySelectorAll('h2, p, label, small, button, input, select, a')]
    .filter(element => element.offsetParent && (element.textContent || element.value))
    .map(element => {
      const [low, high] = [light(getComputedStyle(element).color), light(ground(element))].sort((a, b) => a - b);
      return [(high + .05) / (low + .05), `${element.tagName} ${element.textContent.slice(0, 20)}`];
    })
    .filter(([ratio]) => ratio < 4.5);
}"""
TRACKER = "window.told = []; window.snowplow = (...args) => told.push(args);"


def open_form(page: Page) -> None:
    page.js(f"{BUTTON}.click()")
    page.wait(f"{FORM}?.querySelector('dialog[open]')")


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.js(
            f"(() => {{ const c = {FORM}.getElementById('{name}'); c.value = {value!r};"
            "c.dispatchEvent(new Event('input', {bubbles: true})); c.dispatchEvent(new Event('change')) })()"
        )


def focus(page: Page) -> str:
    found: str = page.js(
        f"{FORM}?.activeElement?.id || {FORM}?.activeElement?.textContent || document.activeElement.tagName"
    )
    return found


def send(page: Page) -> None:
    page.js(f"{FORM}.querySelector('button[type=submit]').click()")


def thanked(page: Page) -> None:
    page.wait(f"{FORM}.querySelector('.thanks')")


def test_a_filled_form_is_sent_with_where_the_button_stood_and_who_pressed_it(show: Show, site: Site) -> None:
    page = show(BILLING.replace("></", ' product-interaction="SMB Promo" track-action="click_button"></'))
    open_form(page)
    fill(page, phone_number="+1 555 010 0199", country="US", state="CA", comment="SAML for 120 seats")
    send(page)
    thanked(page)
    (body,) = site.raised()
    assert body == {
        "first_name": "Dana", "last_name": "Ruiz", "company_name": "Birchline Ltd", "phone_number": "+1 555 010 0199",
        "country": "US", "state": "CA", "comment": "SAML for 120 seats", "work_email": "dana@example.com", "uid": 8841,
        "provider": None, "namespace_id": 4521, "existing_plan": "free", "setup_for_company": None,
        "glm_content": "group-billing", "glm_source": site.url.removeprefix("http://").rstrip("/"),
        "product_interaction": "SMB Promo", "cta_tracking": {"action": "click_button"}, "page": site.url,
        "button_text": "Contact sales",
    }  # fmt: skip
    assert page.messages() == []


def test_the_keyboard_alone_opens_fills_sends_and_closes_and_comes_back_to_the_button(
    show: Show, site: Site
) -> None:
    page = show(BILLING)
    page.js(f"{BUTTON}.focus()")
    page.press("Enter")
    page.wait(f"{FORM}?.querySelector('dialog[open]')")
    assert focus(page) == "phone_number"  # the first field that nobody filled in
    page.write("0555 1234")
    page.press("Tab")
    assert focus(page) == "country"
    page.js(f"Object.assign({FORM}.getElementById('country'), {{value: 'DE'}}) && 0")
    page.press("Tab")
    assert focus(page) == "comment"  # Germany has no list of states here
    page.press("Tab")
    page.press("Tab")
    assert focus(page) == "Send request"
    page.press("Enter")
    thanked(page)
    assert focus(page) == "title"  # so that the thanks are read out
    page.press("Tab")
    page.press(" ")
    page.wait("!document.querySelector('hand-raise-lead-form')")
    assert page.js(f"document.activeElement === {BUTTON}")
    assert site.raised()[0]["state"] is None


def test_tab_goes_round_inside_the_form(show: Show) -> None:
    page = show(BILLING)
    open_form(page)
    page.js(f"{FORM}.querySelector('button[type=submit]').focus()")
    page.press("Tab")
    assert page.js(f"{FORM}.activeElement.className") == "close"
    page.press("Tab", shift=True)
    assert focus(page) == "Send request"


def test_a_screen_reader_hears_names_of_the_dialog_its_fields_and_their_faults(show: Show) -> None:
    page = show(BILLING.replace(DANA, ""))
    open_form(page)
    fill(page, country="US")
    heard = page.names()
    for role, name in [
        ("dialog", "Talk to our sales team"), ("button", "Close"), ("textbox", "First name"), ("textbox", "Last name"),
        ("textbox", "Work e-mail"), ("textbox", "Company"), ("textbox", "Phone"), ("combobox", "Country or region"),
        ("combobox", "State or province"), ("textbox", "What can we help with? optional"), ("button", "Send request"),
    ]:  # fmt: skip
        assert (role, name) in heard
    send(page)
    assert focus(page) == "first_name"
    tree = page.call("Accessibility.getFullAXTree")["nodes"]
    first = next(
        node
        for node in tree
        if node.get("name", {}).get("value") == "First name" and node["role"]["value"] == "textbox"
    )
    assert first["description"]["value"] == "Enter your first name."
    assert {"name": "invalid", "value": {"type": "token", "value": "true"}} in first["properties"]


def test_faults_are_said_beside_their_fields_and_go_as_soon_as_they_are_put_right(
    show: Show, site: Site
) -> None:
    page = show(BILLING.replace(DANA, 'first-name="Dana" last-name="Ruiz" company-name="Birchline"'))
    open_form(page)
    fill(page, work_email="dana@", phone_number="12", country="US")
    send(page)
    faults = f"[...{FORM}.querySelectorAll('.field:not([hidden]) .problem')].map(p => p.textContent).filter(Boolean)"
    assert page.js(faults) == [
        "This is not an e-mail address. It looks like name@company.com.",
        "This phone number is too short. Include the area code.",
        "Choose a state or province.",
    ]
    assert site.sent == []
    fill(page, work_email="dana@example.com", phone_number="0555 1234", state="TX")
    assert page.js(faults) == []
    send(page)
    thanked(page)
    assert len(site.raised()) == 1


def test_a_failed_request_keeps_every_word_and_can_be_sent_again(show: Show, site: Site) -> None:
    page = show(BILLING)
    open_form(page)
    fill(page, phone_number="0555 1234", country="DE", comment="120 seats")
    site.answers = [(503, {}), (429, {})]
    send(page)
    page.wait(f"{FORM}.querySelector('.alert').textContent")
    assert page.js(f"{FORM}.querySelector('.alert').textContent") == (
        "Your request could not be sent. What you wrote is still here."
    )
    assert focus(page) == "Try again"
    page.press("Enter")
    page.wait(f"{FORM}.querySelector('.alert').textContent.startsWith('Too many')")
    page.press("Enter")
    thanked(page)
    assert [body["comment"] for body in site.raised()] == ["120 seats"] * 3


def test_fields_that_the_server_refuses_are_marked(show: Show, site: Site) -> None:
    page = show(BILLING)
    open_form(page)
    fill(page, phone_number="0555 1234", country="DE")
    site.answers = [(422, {"errors": "phone", "error_attribute_map": {"phone_number": ["invalid"]}})]
    send(page)
    page.wait(f"{FORM}.querySelector('#phone_number[aria-invalid]')")
    assert focus(page) == "phone_number"


def test_an_unreachable_server_is_said_as_such(show: Show) -> None:
    page = show(BILLING.replace("></", ' submit-path="http://127.0.0.1:9/"></'))
    open_form(page)
    fill(page, phone_number="0555 1234", country="DE")
    send(page)
    page.wait(f"{FORM}.querySelector('.alert').textContent.startsWith('We could not be reached')")


def test_pressing_send_twice_sends_once(show: Show, site: Site) -> None:
    page = show(BILLING)
    open_form(page)
    fill(page, phone_number="0555 1234", country="DE")
    page.js(
        f"(() => {{ const s = {FORM}.querySelector('button[type=submit]'); s.click(); s.click(); s.click() }})()"
    )
    thanked(page)
    assert len(site.raised()) == 1


def test_escape_closes_and_what_was_typed_is_there_again(show: Show) -> None:
    page = show(BILLING)
    open_form(page)
    fill(page, comment="half a thought")
    page.press("Escape")
    page.wait("!document.querySelector('hand-raise-lead-form')")
    open_form(page)
    assert page.js(f"{FORM}.getElementById('comment').value") == "half a thought"


def test_a_click_beside_closes_an_untouched_form_and_no_other(show: Show) -> None:
    page = show(BILLING)
    open_form(page)
    fill(page, comment="half a thought")
    page.click(5, 5)
    assert page.js(f"Boolean({FORM}.querySelector('dialog[open]'))")
    page.press("Escape")
    page.wait("!document.querySelector('hand-raise-lead-form')")
    page.js(
        "document.querySelector('hand-raise-lead-button').replaceWith("
        "Object.assign(document.createElement('hand-raise-lead-button'), {glmContent: 'other'}))"
    )
    open_form(page)
    page.click(5, 5)
    page.wait("!document.querySelector('hand-raise-lead-form')")


def test_the_button_can_be_pressed_again_the_moment_its_form_is_gone(show: Show) -> None:
    page = show(BILLING)
    open_form(page)
    page.js(f"(() => {{ {FORM}.querySelector('.close').click(); {BUTTON}.click() }})()")
    page.wait(f"{FORM}?.querySelector('dialog[open]')")


def test_the_call_to_action_and_the_form_are_tracked(show: Show) -> None:
    cta = (
        "track-action='click_button' track-label='contact_sales' track-property='top' track-value='7' "
        "track-experiment='pql'"
    )
    page = show(
        BILLING.replace("></", f" {cta}></"),
        before=TRACKER + "window.gl = {experiments: {pql: {variant: 'candidate'}}};",
    )
    assert page.js(f"Object.fromEntries(Object.entries({BUTTON}.dataset))") == {
        "trackAction": "click_button", "trackLabel": "contact_sales", "trackProperty": "top", "trackValue": "7",
        "trackExperiment": "pql",
    }  # fmt: skip
    open_form(page)
    page.press("Escape")
    page.wait("!document.querySelector('hand-raise-lead-form')")
    open_form(page)
    fill(page, phone_number="0555 1234", country="DE")
    send(page)
    thanked(page)
    told: list[list[Any]] = page.js("told")
    assert [(name, event["category"], event["action"], event.get("label")) for name, event in told] == [
        ("trackStructEvent", "groups:billings:index", action, label)
        for action, label in [
            ("click_button", "contact_sales"), ("hand_raise_form_viewed", "hand_raise_lead_form"),
            ("hand_raise_form_canceled", "hand_raise_lead_form"), ("click_button", "contact_sales"),
            ("hand_raise_form_viewed", "hand_raise_lead_form"),
            ("hand_raise_submit_form_succeeded", "hand_raise_lead_form"),
        ]
    ]  # fmt: skip
    assert told[0][1]["property"] == "top"
    assert told[0][1]["value"] == 7
    assert told[0][1]["context"][0]["data"] == {"experiment": "pql", "variant": "candidate"}


def test_a_page_that_tracks_clicks_itself_gets_no_second_event(show: Show) -> None:
    page = show(BILLING.replace("></", " track-action=click track-clicks=page></"), before=TRACKER)
    open_form(page)
    assert [event["action"] for _, event in page.js("told")] == ["hand_raise_form_viewed"]


def test_button_text_attributes_variant_class_and_test_id_reach_the_button(show: Show) -> None:
    page = show(
        """<hand-raise-lead-button glm-content="a" button-text="Ask us" button-attributes='{"variant": "confirm",
        "category": "tertiary", "class": "page-class", "data-testid": "ask", "size": "small", "onclick": "alert(1)"}'>
        </hand-raise-lead-button><style>.page-class { color: rgb(1, 2, 3) }</style>"""
    )
    assert page.js(f"{BUTTON}.textContent") == "Ask us"
    assert page.js(f"{BUTTON}.dataset.testid") == "ask"
    assert page.js(f"{BUTTON}.hasAttribute('onclick')") is False
    names = page.js(f"[...{BUTTON}.classList]")
    assert {
        "page-class",
        "hand-raise-lead__button--confirm",
        "hand-raise-lead__button--tertiary",
        "hand-raise-lead__button--small",
    } <= set(names)
    assert (
        page.js(f"getComputedStyle({BUTTON}).color") == "rgb(1, 2, 3)"
    )  # the page's class beats our own look


def test_the_small_form_is_a_small_confirm_button(show: Show) -> None:
    page = show('<hand-raise-lead-button small glm-content="a"></hand-raise-lead-button>')
    assert page.js(f"{BUTTON}.textContent") == "Contact sales"
    assert page.js(f"{BUTTON}.className") == (
        "hand-raise-lead__button hand-raise-lead__button--confirm hand-raise-lead__button--primary "
        "hand-raise-lead__button--small"
    )
    assert page.js(f"{BUTTON}.offsetHeight") == 28


def test_objects_given_as_properties_beat_attributes(show: Show) -> None:
    page = show(BILLING)
    page.js("""Object.assign(document.querySelector('hand-raise-lead-button'), {
        user: {first_name: 'Ana', lastName: 'Silva'}, ctaTracking: {action: 'x'}, glmContent: 'from-code'})""")
    assert page.js(f"{BUTTON}.dataset.trackAction") == "x"
    open_form(page)
    assert (
        page.js(f"{FORM}.getElementById('first_name').value") == "Dana"
    )  # a single attribute is nearer than an object
    assert page.js("document.querySelector('hand-raise-lead-button').glmContent") == "from-code"


def test_a_trigger_that_a_template_left_behind_becomes_a_button_also_when_it_comes_later(
    show: Show, site: Site
) -> None:
    trigger = """<div class="js-hand-raise-lead-trigger mt-3" id="%s" data-glm-content="%s" data-user-name="dana"
        data-work-email="dana@example.com" data-button-attributes='{"variant": "confirm", "data-testid": "t"}'
        data-cta-tracking='{"action": "click_button", "label": "discover"}'
        data-product-interaction="SMB Promo"></div>"""
    page = show(trigger % ("one", "discover-group-security"))
    page.wait("document.querySelector('#one.mt-3 > button')")
    page.js(
        f"document.body.insertAdjacentHTML('beforeend', `<p>{trigger % ('two', 'discover-project-security')}</p>`)"
    )
    page.wait("document.querySelector('#two > button')")
    assert page.js("document.querySelectorAll('.js-hand-raise-lead-trigger').length") == 0
    assert page.js("document.querySelector('#one button').dataset.trackLabel") == "discover"
    open_form(page)
    fill(page, first_name="Dana", last_name="Ruiz", company_name="B", phone_number="0555 1234", country="DE")
    send(page)
    thanked(page)
    assert site.raised()[0]["glm_content"] == "discover-group-security"
    assert site.raised()[0]["product_interaction"] == "SMB Promo"


def test_missing_and_doubled_glm_content_is_reported_once_in_the_console_and_to_pqldesk(
    show: Show, site: Site
) -> None:
    page = show(
        "<hand-raise-lead-button></hand-raise-lead-button>"
        + '<hand-raise-lead-button glm-content="twice"></hand-raise-lead-button>' * 2
        + '<hand-raise-lead-button glm-content="once"></hand-raise-lead-button>'
    )
    page.wait(
        "performance.getEntriesByType('resource').filter(r => r.name.includes('placement_reports')).length === 2"
    )
    assert sorted(page.messages()) == [
        'hand-raise-lead-button: "Contact sales" has no glm-content; nobody can tell where its leads come from.',
        'hand-raise-lead-button: 2 buttons on this page have glm-content "twice"; give each a value of its own.',
    ]
    assert sorted((one["problem"], one["glm_content"], one["count"], one["page"]) for one in site.reports()) == [
        ("duplicate", "twice", 2, site.url), ("missing", None, 1, site.url),
    ]  # fmt: skip


def test_moving_a_button_is_not_a_duplicate(show: Show, site: Site) -> None:
    page = show(BILLING + "<main></main>")
    page.js("document.querySelector('main').append(document.querySelector('hand-raise-lead-button'))")
    assert (
        page.js(
            "new Promise(done => setTimeout(() => done(document.querySelectorAll('main button').length)))"
        )
        == 1
    )
    assert page.messages() == []
    assert site.reports() == []


def test_the_form_speaks_the_language_of_its_place(show: Show) -> None:
    page = show(BILLING, lang="de-AT")
    assert page.js(f"{BUTTON}.textContent") == "Vertrieb kontaktieren"
    open_form(page)
    assert ("textbox", "Vorname") in page.names()
    assert page.js(f"{FORM}.querySelector('option[value=DE]').textContent") == "Deutschland"


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out_from_its_ground(show: Show, dark: bool) -> None:
    page = show(BILLING.replace("></", ' company-size privacy-url="/privacy"></'), dark=dark)
    open_form(page)
    send(page)
    weak = page.js(f"({WEAK_TEXTS})({FORM})")
    assert weak == []


def test_a_form_that_cannot_be_loaded_is_said_in_the_console_and_tried_again(show: Show, site: Site) -> None:
    site.missing = {"hand-raise-lead-texts.js"}
    page = show(BILLING)
    page.js(
        "new Promise(done => { addEventListener('hand-raise-lead:unavailable', done, {once: true});"
        f"{BUTTON}.click() }})"
    )
    assert "the form could not be loaded" in page.messages()[-1]
    assert page.js(f"{BUTTON}.hasAttribute('aria-busy')") is False
