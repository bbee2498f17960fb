"""What people read on the page of a link to Kraken: state, title and sentence in both languages, by reason.

The next check, where there is one, is at 10:30; REF is the link's reference.
"""
from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    status: str
    es: tuple[str, str]
    en: tuple[str, str]


def silence(es: str, en: str) -> Said:
    return Said("exchange_down", ("Kraken no responde ahora. No tienes que hacer nada", f"{es} Volvemos a intentarlo a las 10:30."),
                ("Kraken is not answering now. There is nothing you have to do", f"{en} We try again at 10:30."))


def action(*words: str) -> Said:
    return Said("action_required", words[:2], words[2:])


SAID = {
    "": Said(
        "ready",
        ("¡Tu cuenta de Smartrader está lista para operar!",
         "La clave tiene los permisos justos, ninguno para sacar dinero, y lo hemos comprobado."),
        ("Your Smartrader account is ready to operate!",
         "The key has exactly the permissions needed, none of them to take money out, and we have proved it.")),
    "revoked": Said(
        "revoked",
        ("Kraken ya no reconoce esta clave",
         "Antes funcionaba y ahora Kraken no la reconoce. Si la borraste allí, reemplázala por una nueva."),
        ("Kraken no longer knows this key",
         "It worked before and now Kraken does not know it. If you deleted it there, replace it with a new one.")),
    "bad_key": action(
        "Kraken no encuentra esta clave",
        "Kraken no encuentra esta clave. Cópiala otra vez entera, o crea otra si la borraste, si caducó o si es de otra de sus webs. "
        "Una clave recién creada puede tardar un rato: volvemos a mirar nosotros.",
        "Kraken cannot find this key",
        "Kraken cannot find this key. Copy it again, whole, or create another if you deleted it, it has expired or it is from another "
        "site of theirs. A key made a moment ago may take a while: we look again by ourselves."),
    "bad_key of a proven key": action(
        "Kraken no encuentra esta clave",
        "Kraken no encuentra esta clave. Cópiala otra vez entera, o crea otra si la borraste, si caducó o si es de otra de sus webs. "
        "Antes funcionaba, así que volvemos a mirar en un par de minutos antes de darla por perdida.",
        "Kraken cannot find this key",
        "Kraken cannot find this key. Copy it again, whole, or create another if you deleted it, it has expired or it is from another "
        "site of theirs. It worked before, so we look once more in a couple of minutes before we give it up."),
    "bad_secret": action(
        "La clave secreta no corresponde",
        "La clave secreta no es la de esta clave API. Copia otra vez las dos: quizá se cruzaron o se cortaron. Si la clave pide un "
        "código propio, desactívalo en Kraken.",
        "The secret key does not match",
        "The secret key is not the one of this API key. Copy both again: they may be swapped or cut. If the key asks for a code of its "
        "own, turn that off at Kraken."),
    "ip_blocked": action(
        "Kraken no nos deja entrar con esta clave",
        "O la clave solo funciona desde otras direcciones, o pide un código propio en cada uso. Añade nuestras direcciones a la clave "
        "(203.0.113.10, 203.0.113.11) y desactiva su 2FA propia; la de tu cuenta debe seguir activada.",
        "Kraken does not let us in with this key",
        "Either the key only works from other addresses, or it asks for a code of its own each time. Add our addresses to the key "
        "(203.0.113.10, 203.0.113.11) and turn off its own two-factor code; keep the one of your account on."),
    "nonce_conflict": action(
        "Otra aplicación usa esta misma clave", "Otra aplicación usa esta misma clave. Crea una solo para Smartrader.",
        "Another app uses this same key", "Another app uses this same key. Create one just for Smartrader."),
    "otp_on_key": action(
        "Esta clave pide un código en cada uso",
        "Esta clave pide un código en cada uso. Crea una sin 2FA propia; la de tu cuenta debe seguir activada.",
        "This key asks for a code each time",
        "This key asks for a code each time. Create one without a two-factor code of its own; keep the one of your account on."),
    "query_window": action(
        "La clave solo ve unas fechas", "La clave solo ve unas fechas. Quita las fechas de consulta en Kraken.",
        "The key only sees some dates", "The key only sees some dates. Remove the query dates at Kraken."),
    "account_restricted": action(
        "Kraken tiene limitada tu cuenta",
        "Kraken tiene limitada tu cuenta. Entra allí y mira si te pide algo, como terminar la verificación; si no, su soporte puede "
        "resolverlo.",
        "Kraken has limited your account",
        "Kraken has limited your account. Log in there and see whether it asks you for something, such as finishing your verification; "
        "if not, their support can solve it."),
    "region_blocked": action(
        "Kraken no permite esto en tu región",
        "Kraken no permite esto desde la región de tu cuenta. Solo su soporte puede decirte más.",
        "Kraken does not allow this in your region",
        "Kraken does not allow this in the region of your account. Only their support can tell you more."),
    "rate_limited": silence("Kraken nos pide ir más despacio.", "Kraken asks us to slow down."),
    "lockout": Said(
        "exchange_down",
        ("Kraken no responde ahora. No tienes que hacer nada",
         "Kraken ha bloqueado un rato las peticiones de esta clave. Esperamos y volvemos a intentarlo a las 10:30."),
        ("Kraken is not answering now. There is nothing you have to do",
         "Kraken has locked this key for a while. We wait and try again at 10:30.")),
    "maintenance": silence("Kraken está en mantenimiento o saturado.", "Kraken is under maintenance or overloaded."),
    "timeout": silence("Kraken tarda demasiado en contestar.", "Kraken takes too long to answer."),
    "network": silence("No llegamos a Kraken.", "We cannot reach Kraken."),
    "unreadable_answer": silence("Kraken contestó algo que no entendemos.", "Kraken answered something we cannot read."),
    "internal": Said(
        "exchange_down",
        ("Algo falló por nuestra parte", "Fallo nuestro, ya lo estamos mirando. Volvemos a intentarlo a las 10:30. Referencia: REF."),
        ("Something went wrong on our side", "It is our fault and we are on it. We try again at 10:30. Reference: REF.")),
}
MISSING = {                                 # the call that was denied → the right it needs, at Kraken
    "Balance": "Funds permissions › Query",
    "OpenOrders": "Query open orders & trades",
    "ClosedOrders": "Query closed orders & trades",
    "Ledgers": "Query ledger entries",
    "AddOrder": "Create & modify orders",
}


def missing(call: str) -> Said:
    right = MISSING[call]
    return action(
        "Marca lo que falta", f"Falta activar: «{right}». Márcalo en Kraken; no hace falta otra clave. Hasta entonces no operamos.",
        "Tick what is missing",
        f"This is missing: “{right}”. Tick it at Kraken; you do not need another key. We do not operate until then.")
