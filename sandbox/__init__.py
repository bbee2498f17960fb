"""A local stand-in for the exchanges: it speaks their real HTTP protocol, with no real money behind it.

Python's standard library only, and `cryptography` where an exchange's keys are more than a shared secret. The portal never
imports it and it never imports the portal: they meet over HTTP.
One more exchange is one more file in `sandbox/dialects/`.
"""
