"""`python -m sandbox --port 8001`: run the sandbox in the foreground until Ctrl-C or SIGTERM."""

import argparse
import signal
import sys
import threading

from sandbox import server


def port_number(text: str) -> int:
    """Read a TCP port, 0 for any free one."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A practice exchange on this machine.")
    parser.add_argument("--port", type=port_number, default=8001, help="port on 127.0.0.1 (default 8001)")
    parser.add_argument("--ip-error", default="", help="what a caller outside a key's IP list is told")
    wishes = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        running = server.start(wishes.port, ip_error=wishes.ip_error)
    except OSError as exc:
        print(f"sandbox: port {wishes.port} cannot be used: {exc.strerror}", file=sys.stderr)
        return 1
    print(f"Sandbox: {running.url}", flush=True)
    stop.wait()
    running.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
