"""Passwords, codes and seeds: right, wrong, forgotten, at the wrong time, in the wrong field; and what staff do."""

from itertools import product

from tests.profiles.factors import code_of
from tests.proof.leaks.pastes import fields
from tests.proof.leaks.run import Run
from tests.proof.leaks.watched import LOGIN, RECOVERY, Watched
from tests.road.person import NEW, mailed_code
from tests.road.test_presence import grow_stale

CHANGE, RESET, ADMIN = "/cuenta/password/change/", "/cuenta/password/reset/", "/admin/"
MAKE_STAFF = 'from profiles.models import User; User.objects.filter(email="{}").update(is_staff=True, is_superuser=True)'
LISTS = ("profiles/user", "profiles/activity", "exchanges/link", "exchanges/exchange", "auth/group")
QUERIES = ("q", "label", "id__exact", "o", "e", "_changelist_filters")


def passwords(run: Run, ana: Watched) -> None:
    former, ana.password = ana.password, run.password("ana's new password")
    ana.post(CHANGE, oldpassword=run.password("not ana's password"), password1=ana.password)
    ana.post(CHANGE, oldpassword=former, password1=ana.password)
    nobody = Watched(run)
    nobody.post(LOGIN, login=ana.email, password=run.password("a wrong password"))
    nobody.post(LOGIN, login=run.password("for an e-mail"), password="")
    nobody.post(LOGIN, login=f"{run.key('an e-mail')['secret']}@example.com", password=run.password("of no account"))
    nobody.post("/cuenta/signup/", email=ana.email, password1=run.password("for a second account"))
    nobody.post("/cuenta/signup/", email="no e-mail", password1=run.password("with a bad e-mail"))
    nobody.post(RESET, email=run.password("to be reset"))


def factors(run: Run, ana: Watched) -> Watched:
    """An app and its codes; then in with it, on another device."""
    ana.add_app()
    ana.get(f"{RECOVERY}download/")
    other = Watched(run, ana).enter(code=run.password("for a code"))
    run.note("half-way through a login")
    other.post("/cuenta/2fa/authenticate/", code=code_of(ana.app, periods_from_now=1))
    return other


def stale(run: Run, ana: Watched) -> int:
    """Nothing was proved for an hour: the form asks inside itself. What it says in the end."""
    token, key = ana.token(NEW), run.key("with a stale proof")
    grow_stale(ana)
    ana.send(NEW, token, **fields(key))
    for proof in ("password", "code", "credential"):
        ana.send(NEW, token, **fields(key, **{proof: run.password(f"a wrong {proof}")}))
    ana.send("/cuenta/reauthenticate/", token, password=run.password("a wrong proof"))
    ana.send("/cuenta/2fa/reauthenticate/", token, code=run.password("a wrong proof by a code"))
    run.note("with a stale proof")
    return ana.send(NEW, token, **fields(key, password=ana.password)).status_code


def frozen(run: Run) -> str:
    """A password by mail, and a key in the account that is frozen then. What the form says."""
    eva = Watched(run, Watched(run).join("eva"))
    eva.post(RESET, email=eva.email)
    eva.post(f"{RESET}confirm/", code=mailed_code(run.stack, eva.email))
    run.note("with a password to choose")
    eva.password = run.password("eva's new password")
    eva.post(f"{RESET}complete/", password1="corta")
    eva.post(f"{RESET}complete/", password1=eva.password)
    return eva.post(NEW, **fields(run.key("while frozen"))).text


def limited(run: Run, most: int) -> str:
    """Too many wrong keys, and too many wrong passwords. What the form says to the key after them."""
    dora = Watched(run).join("dora")
    for number in range(most):
        page = dora.post(NEW, **fields(run.pair(f"wrong key {number}"))).headers["Location"]
        dora.settled(page)
    guesser = Watched(run)
    for number in range(6):
        guesser.post(LOGIN, login=dora.email, password=run.password(f"guess {number}"))
    return dora.post(NEW, **fields(run.key("while limited"))).text


def staff(run: Run, bea: Watched) -> Watched:
    """Celia of the team, who gives Bea another password, looks for a secret in every list, and has lost her phone."""
    celia = Watched(run).join("celia")
    run.start("shell", "--no-imports", "-c", MAKE_STAFF.format(celia.email))
    run.finish()
    codes = celia.add_app()
    found = celia.get(f"{ADMIN}profiles/user/?q={bea.email}").text
    account = found.partition('<th class="field-email"><a href="')[2].partition("change/")[0]
    bea.password = run.password("of bea by staff")
    both = {"password1": bea.password, "password2": bea.password, "usable_password": "true"}
    celia.post(f"{account}password/", **both | {"password2": run.password("mistyped by staff")})
    celia.post(f"{account}password/", **both)
    celia.post(f"{ADMIN}profiles/user/add/", **both, email="no e-mail")
    celia.post(f"{ADMIN}password_change/", old_password=run.password("not celia's"), new_password1=bea.password, new_password2="")
    secret = run.key("looked for by staff")["secret"]
    for where, query in product(LISTS, QUERIES):
        celia.http.get(f"{run.stack.url}{ADMIN}{where}/", params={query: secret}, timeout=30)
    return Watched(run, celia).enter(code=codes[0])
