"""What each client does where its signature is refused: with a wrong secret, an unknown key, and a server whose clock is wrong.

    signatures.py CGI_PROGRAM FOLDER_OF_TJOB FOLDER_OF_CLIENTS CLIENT [PAGE]

Prints the client's row of the table in docs/clients.md; with a page, that row must be there. No client may change anything
without a signature, and none may give up the right one. Exits with 77, and says what is missing, where a package is not
installed.
"""

import json
import os
import pathlib
import sys

from drivers import Driver
from fronts import HERE, KEY, Signed, need

ARN = "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/"
failures = []


class Skewed(Signed):
    """The same with a clock that is wrong by so much."""

    offset = "+0"

    def run(self, *command):
        environment = {"FAKETIME_DONT_FAKE_MONOTONIC": "1",
                       "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "detect_leaks=0")}
        need("faketime", "faketime")
        super().run("env", *(f"{name}={value}" for name, value in environment.items()),
                    "sh", HERE.parent / "support/with_clock.sh", self.offset, *command)


class Ahead(Skewed):
    offset = "+10m"


class Behind(Skewed):
    offset = "-10m"


def expect(what, is_so, seen):
    if not is_so:
        failures.append(f"{what}: {seen}")


def call(front, arguments, keys, expected):
    """One stop of a job in training. Returns how many requests it took, and whether it was carried out."""
    name = "flowers"
    store = ("--store", str(front.work / "jobs"))
    front.host("submit", ARN + name, *store)
    front.host("start", ARN + name, *store, "--trainer-token", "7")
    driver = Driver(arguments[3], arguments[2], front.work, *keys)
    answer = driver.call(front.endpoint("service"), "stop", ARN + name, 0)
    version = driver.version()
    driver.close()
    lines = [json.loads(line) for line in (front.work / "log.service").read_text().splitlines()]
    state = json.loads(front.host("describe", ARN + name, *store, "--json"))["job"]["state"]
    is_stopped = answer == {}
    expect("the store agrees", state == ("STOP_REQUESTED" if is_stopped else "TRAINING"), (answer, state))
    if not is_stopped:
        expect("the error", answer.get("error") == expected and answer.get("http", 400) == 400, answer)
    return version, len(lines), is_stopped


def row(arguments):
    cells = []
    for front_of, keys, expected in ((Signed, (KEY, "not-the-secret-of-these-tests"), "InvalidSignatureException"),
                                     (Signed, ("AKIDUNKNOWN", "x" * 20), "UnrecognizedClientException"),
                                     (Ahead, (), "InvalidSignatureException"),
                                     (Behind, (), "InvalidSignatureException")):
        with front_of(arguments[0], arguments[1]) as front:
            version, requests, is_stopped = call(front, arguments, keys, expected)
        if keys:
            expect("nobody comes through", not is_stopped, keys)
            cells.append(f"{requests}")
        else:
            cells.append(f"{'comes through' if is_stopped else 'fails'}, {requests}")
    return f"| {version} | {' | '.join(cells)} |"


def main():
    line = row(sys.argv[1:5])
    print(line)
    if len(sys.argv) > 5 and line not in pathlib.Path(sys.argv[5]).read_text():
        failures.append(f"not in {sys.argv[5]}")
    print(*failures, sep="\n")
    sys.exit(failures != [])


if __name__ == "__main__":
    main()
