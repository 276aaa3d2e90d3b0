"""Sends raw requests through a real front end: those of captures/, and those that no client sends.

    replay.py CGI_PROGRAM FOLDER_OF_TJOB FRONT_END [PAGE]

With a page, the row of its table that describes this front end must begin as found here; then idle connections, which take
minutes, are not measured.
"""

import json
import pathlib
import re
import socket
import sys
import time

from fronts import FRONTS, Serve

CAPTURES = pathlib.Path(__file__).parent / "captures"
RECOGNIZERS = "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/"
TYPE = b"Content-Type: application/x-amz-json-1.1"
STOP = b"X-Amz-Target: Comprehend_20171127.StopTrainingEntityRecognizer"
DELETE = b"X-Amz-Target: Comprehend_20171127.DeleteEntityRecognizer"
HEAD = [b"POST / HTTP/1.1", b"Host: 127.0.0.1", TYPE]
failures = 0


def expect(what, is_so, seen=""):
    global failures
    failures += not is_so
    print("ok:" if is_so else "FAILED:", what, "" if is_so else seen)


class Answer:
    """Reads one answer of a connection, after those that are only provisional."""

    def __init__(self, connection):
        stream = connection.makefile("rb")
        self.status = 100
        while self.status == 100:
            self.line = stream.readline().decode().rstrip("\r\n")
            self.status = int(self.line.split(" ")[1]) if self.line else 0
            self.headers = {}
            while self.line and (header := stream.readline().decode().rstrip("\r\n")):
                name, _, value = header.partition(": ")
                self.headers[name.lower()] = value
        if self.headers.get("transfer-encoding") == "chunked":
            self.body = b""
            while size := int(stream.readline(), 16):
                self.body += stream.read(size)
                stream.readline()
            stream.readline()
        else:
            self.body = stream.read(int(self.headers.get("content-length", 0)))

    def __str__(self):
        return f"{self.line} {self.headers.get('x-amzn-errortype', '')}".strip()


def connect(front, name="service"):
    return socket.create_connection(("127.0.0.1", front.ports[name]), timeout=30)


def send(front, request, name="service"):
    """The answer to raw bytes, or the word of what happened instead."""
    try:
        with connect(front, name) as connection:
            connection.sendall(request)
            return Answer(connection)
    except (OSError, ValueError) as error:
        return type(error).__name__


def request(*headers, body=b""):
    return b"\r\n".join([*HEAD, *headers, b"", b""]) + body


def with_length(body, *headers):
    return request(STOP, b"Content-Length: %d" % len(body), *headers, body=body)


def chunked(body, *headers):
    chunks = [body[at:at + 5000] for at in range(0, len(body), 5000)] + [b""]
    return request(STOP, b"Transfer-Encoding: chunked", *headers,
                   body=b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks))


def body(name):
    return json.dumps({"EntityRecognizerArn": RECOGNIZERS + name}).encode()


def put(front, name):
    store = ("--store", str(front.work / "jobs"))
    front.host("submit", RECOGNIZERS + name, *store)
    front.host("start", RECOGNIZERS + name, *store, "--trainer-token", "7")


def state(front, name):
    answer = front.host("describe", RECOGNIZERS + name, "--store", str(front.work / "jobs"), "--json")
    return json.loads(answer)["job"]["state"]


def replay_captures(front):
    for path in sorted(CAPTURES.glob("*.http")):
        raw = path.read_bytes()
        name = re.search(rb"entity-recognizer/(\w+)", raw)
        before = name and b"StopTraining" in raw
        if name:
            put(front, name[1].decode())
        answer = send(front, raw)
        is_right = str(answer).startswith("HTTP/1.1 200" if name else "HTTP/1.1 400") and (
            name is None or state(front, name[1].decode()) == ("STOP_REQUESTED" if before else "TRAINING"))
        expect(path.name, is_right, answer)
        if name:
            front.host("report", RECOGNIZERS + name[1].decode(), "failed", "--store", str(front.work / "jobs"),
                       "--trainer-token", "7")
            for command in ("delete", "remove"):
                front.host(command, RECOGNIZERS + name[1].decode(), "--store", str(front.work / "jobs"))


def send_what_no_client_sends(front):
    put(front, "chunked")
    expect("a chunked stop", str(send(front, chunked(body("chunked")))).startswith("HTTP/1.1 200"), "")
    expect("a chunked stop was carried out", state(front, "chunked") == "STOP_REQUESTED")
    for size in (65537, 300000, 1000000):
        for form in (with_length, chunked):
            answers = {str(send(front, form(b"x" * size))) for _ in range(20)}
            expect(f"{size} bytes, {form.__name__}", all("400" in answer and "InvalidRequest" in answer for answer in answers),
                   answers)
    if not isinstance(front, Serve) or front.proxy is not None:
        put(front, "nul")
        for end in (b"\0\n", b"\0\r\n"): # libmicrohttpd reads the first as CR and LF
            answer = send(front, with_length(body("nul"), b"X: y").replace(b"X: y\r\n", b"X: y" + end))
            expect(f"a NUL in a head: {end}", state(front, "nul") == "TRAINING" and "200" not in str(answer), answer)
    if not isinstance(front, Serve):
        front.throttle.unlink()
        front.throttle.mkdir()
        answer = send(front, with_length(body("chunked")), "throttled")
        expect("a rate limit whose file fails", str(answer).startswith("HTTP/1.1 500"), answer)


def idle_seconds(front, request):
    """How long a connection is kept after this request, in seconds, at most 90."""
    with connect(front) as connection:
        connection.sendall(request)
        Answer(connection)
        begin = time.monotonic()
        connection.settimeout(90)
        try:
            connection.recv(1)
        except TimeoutError:
            return "over 90"
        return str(round(time.monotonic() - begin))


def describe(front, name, with_idle_times):
    """The row of this front end: what it does to what clients send and to what the program answers."""
    put(front, "known")
    known = body("known")

    def taken(*headers):
        answer = send(front, request(*headers, b"Content-Length: %d" % len(known), body=known))
        kinds = {200: "stop", "ResourceInUseException": "delete", "UnknownOperationException": "none",
                 "InvalidRequestException": "refused"}
        return kinds.get(answer.status) or kinds[answer.headers["x-amzn-errortype"]]

    stop, error = with_length(known), with_length(b"{}")
    ok, bad, closed = send(front, stop), send(front, error), send(front, with_length(known, b"Connection: close"))
    return "| " + " | ".join([
        name, taken(STOP, DELETE), taken(STOP.replace(b"X-Amz-", b"X_Amz_")), f"`{ok.line}`", f"`{bad.line}`",
        *(answer.headers.get("connection", "-") for answer in (ok, bad, closed)),
        *((idle_seconds(front, stop), idle_seconds(front, error)) if with_idle_times else ())]) + " |"


def main():
    cgi, tjob, name, *page = sys.argv[1:]
    with FRONTS[name](cgi, tjob) as front:
        replay_captures(front)
        send_what_no_client_sends(front)
        row = describe(front, name, with_idle_times=not page)
        print(row)
        for path in page:
            expect(f"the row is in {path}", "\n" + row in pathlib.Path(path).read_text())
        if failures:
            print(front.errors())
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
