"""A passkey in software: what a browser answers with one, as allauth's script sends it."""

import json
import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

ORIGIN, RP_ID = "http://testserver", "testserver"
Flag = AuthenticatorData.FLAG


class Passkey:
    """`verifies`: whether it looks at finger, face or PIN before it answers."""

    def __init__(self, verifies: bool = True) -> None:
        self.key, self.id = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        self.flags = Flag.UP | (Flag.UV if verifies else 0)
        self.user_handle = ""

    def register(self, options: dict) -> str:
        """The answer to the creation options of a page."""
        wanted = options["publicKey"]
        self.user_handle = wanted["user"]["id"]
        told = AttestedCredentialData.create(Aaguid.NONE, self.id, ES256.from_cryptography_key(self.key.public_key()))
        about = AuthenticatorData.create(sha256(RP_ID.encode()), self.flags | Flag.AT, 1, told)
        answer = {
            "clientDataJSON": websafe_encode(self._client_data("webauthn.create", wanted["challenge"])),
            "attestationObject": websafe_encode(AttestationObject.create("none", about, {})), "transports": ["internal"],
        }
        return self._said(answer, {"credProps": {"rk": True}})

    def prove(self, options: dict) -> str:
        """The answer to the request options of a page."""
        client_data = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        about = AuthenticatorData.create(sha256(RP_ID.encode()), self.flags, 2)
        signature = self.key.sign(about + sha256(client_data), ec.ECDSA(hashes.SHA256()))
        answer = {
            "clientDataJSON": websafe_encode(client_data), "authenticatorData": websafe_encode(about),
            "signature": websafe_encode(signature), "userHandle": self.user_handle,
        }
        return self._said(answer, {})

    def _client_data(self, kind: str, challenge: str) -> CollectedClientData:
        return CollectedClientData.create(kind, challenge, ORIGIN)

    def _said(self, answer: dict, extensions: dict) -> str:
        name = websafe_encode(self.id)
        return json.dumps({"type": "public-key", "id": name, "rawId": name, "authenticatorAttachment": "platform", "response": answer,
                           "clientExtensionResults": extensions})
