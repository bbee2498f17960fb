"""A mail server on loopback that takes mail over SMTP, or fails in one of the ways they do."""
import socketserver
import threading
from email import message_from_bytes
from email.message import Message


class MailServer(socketserver.ThreadingTCPServer):
    """`mails` are those it took, `connections` how often it was called.

    It refuses the address `refuses`; `hangs`: it says nothing at all; `drops`: it takes a mail and is gone before it says so.
    """

    daemon_threads = True

    def __init__(self, *, refuses: str = "", hangs: bool = False, drops: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.refuses, self.hangs, self.drops = refuses, hangs, drops
        self.mails: list[Message] = []
        self.connections = 0
        self.closing = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def port(self) -> int:
        return self.server_address[1]

    def close(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.connections += 1
        if self.server.hangs:
            self.server.closing.wait()
            return
        self.say("220 ready")
        for line in self.rfile:
            if not self.answer(line.decode().strip()):
                return

    def answer(self, said: str) -> bool:
        """Whether the conversation goes on."""
        if said.upper() == "DATA":
            self.say("354 go on")
            self.server.mails.append(message_from_bytes(b"".join(iter(self.rfile.readline, b".\r\n"))))
            if self.server.drops:
                return False
        refused = self.server.refuses and f"<{self.server.refuses}>" in said and said.startswith("rcpt")
        self.say("550 no such mailbox" if refused else "250 fine")
        return said.upper() != "QUIT"

    def say(self, what: str) -> None:
        self.wfile.write(f"{what}\r\n".encode())
