"""A device that holds passkeys, in a few lines: it makes them, and shows them as a browser would."""

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG
SEEN = FLAG.UP | FLAG.UV


class Keyholder:
    """One device with one passkey for one host; `counter` goes up with every use, where it counts."""

    def __init__(self, origin: str = "http://localhost", host: str = "localhost") -> None:
        self.origin, self.host, self.counter, self.handle = origin, host, 0, b""
        self.key, self.id = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(32)

    def makes(self, options: dict[str, Any], *, flags: FLAG = SEEN) -> str:
        """Answer the wish for a new passkey."""
        asked = options["publicKey"]
        self.handle = websafe_decode(asked["user"]["id"])
        public = ES256.from_cryptography_key(self.key.public_key())
        made = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        proof = AuthenticatorData.create(self._host_hash(), flags | FLAG.AT, self.counter, made)
        client = CollectedClientData.create("webauthn.create", websafe_decode(asked["challenge"]), self.origin)
        return self._answer(client, attestationObject=AttestationObject.create("none", proof, {}))

    def shows(self, options: dict[str, Any], *, flags: FLAG = SEEN, counter: int | None = None) -> str:
        """Answer the wish to see a passkey."""
        self.counter = self.counter + 1 if counter is None else counter
        proof = AuthenticatorData.create(self._host_hash(), flags, self.counter)
        client = CollectedClientData.create(
            "webauthn.get", websafe_decode(options["publicKey"]["challenge"]), self.origin
        )
        signature = self.key.sign(proof + client.hash, ec.ECDSA(SHA256()))
        return self._answer(client, authenticatorData=proof, signature=signature, userHandle=self.handle)

    def _host_hash(self) -> bytes:
        return hashlib.sha256(self.host.encode()).digest()

    def _answer(self, client: CollectedClientData, **told: bytes) -> str:
        response = {name: websafe_encode(bytes(value)) for name, value in {"clientDataJSON": client, **told}.items()}
        known = websafe_encode(self.id)
        return json.dumps({"id": known, "rawId": known, "type": "public-key", "response": response})
