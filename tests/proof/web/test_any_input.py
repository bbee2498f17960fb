"""Whatever is sent to a form ends in its page with an error at the field, in a redirect, or in a refusal; never in an error of ours."""

from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st

from tests.proof.web.anything import MARK, NASTY, SECRET, TEXT, File, as_body, fuzz, seen, value
from tests.proof.web.forms import FORMS, Form
from tests.proof.web.sending import AnyInputTestCase


class FormTests(AnyInputTestCase):
    def test_every_form(self):
        for form in FORMS:
            with self.subTest(pattern=form.pattern, who=form.who):
                self.stand(form)

    def test_nasty_texts_in_all_fields(self):
        for number, form in enumerate(FORMS):
            self.fill(form, NASTY[number % 4::4])

    def test_all_nasty_texts_where_a_passkey_answers(self):
        for form in FORMS:
            if form.secret == ("credential",):
                self.fill(form, NASTY)

    def fill(self, form: Form, texts: tuple[str, ...]) -> None:
        for text in texts:
            fields = {name: [text] for name in (*form.typed, *form.secret, *form.other)}
            with self.subTest(pattern=form.pattern, who=form.who, text=text[:40]):
                self.sent(form.who, "POST", self.path(form.pattern), *as_body(fields))

    def stand(self, form: Form) -> None:
        strategies = {name: value(SECRET if name in form.secret else TEXT) for name in (*form.typed, *form.secret, *form.other)}

        @fuzz
        @given(st.fixed_dictionaries(strategies))
        def stands(fields):
            response = self.sent(form.who, "POST", self.path(form.pattern), *as_body(fields))
            self.assertNotIn(MARK, response.text_sent)
            self.assertNotIn(MARK, str(response.headers))
            if response.status_code == 200:
                self.assertIn('data-error="', response.text_sent)
                for name in form.typed:
                    self.kept(name, fields[name], response.text_sent)

        stands()

    def kept(self, name: str, parts: list[str | File], page: str) -> None:
        texts = [part for part in parts if isinstance(part, str)]
        if texts and texts[-1]:
            self.assertIn(f'value="{escape(seen(texts[-1]))}"', page)
