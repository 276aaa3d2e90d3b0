"""Measures what each client sends, and when it sends a request again, with its default settings.

    measure.py CGI_PROGRAM FOLDER_OF_TJOB FOLDER_OF_CLIENTS [--calls N] [--page PAGE]

Prints the tables of docs/clients.md: every client that is installed makes N calls that are throttled and N that meet a broken
store; a wait is the time from an answer to the next request. With a page, what does not depend on chance must be there as
found here: the requests, and how many there are.
"""

import argparse
import pathlib
import sys
import threading

from drivers import DRIVERS, Driver
from fronts import Counting

ARN = "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/x"
CALLS_OF_A_DRIVER = 10  # some clients have a budget of retries, and send each request once when it is used up
KNOWN = {"host", "content-type", "content-length", "x-amz-target", "x-amz-date", "authorization", "user-agent"}


class Measured(Counting):
    """A front end that keeps its rate used up."""

    def answer(self, *arguments):
        self.throttle.write_bytes((1 << 62).to_bytes(8, sys.byteorder))
        return super().answer(*arguments)


class Client:
    def __init__(self, name, arguments):
        self.name = name
        self.arguments = arguments
        self.waits = {}
        self.counts = {}

    def measure(self):
        with Measured(self.arguments.cgi, self.arguments.tjob) as front:
            for endpoint in ("throttled", "broken"):
                self.waits[endpoint] = []
                self.counts[endpoint] = set()
                for begin in range(0, self.arguments.calls, CALLS_OF_A_DRIVER):
                    self.drive(front, endpoint, min(CALLS_OF_A_DRIVER, self.arguments.calls - begin))

    def drive(self, front, endpoint, calls):
        driver = Driver(self.name, self.arguments.clients, front.work)
        self.version = driver.version()
        for _ in range(calls):
            front.requests.clear()
            driver.call(front.endpoint(endpoint), "stop", ARN, 0)
            requests = front.requests
            self.headers, self.body = requests[0]["headers"], requests[0]["body"]
            self.counts[endpoint].add(len(requests))
            self.waits[endpoint].append([after["arrival"] - before["answered"]
                                         for before, after in zip(requests, requests[1:])])
        driver.close()

    def request_row(self):
        headers = dict((name.lower(), value) for name, value in self.headers)
        others = sorted(f"`{name}`" for name in headers.keys() - KNOWN)
        form = self.body.replace(ARN.encode(), b"...").decode()
        return f"| {self.version} | `{form}` | `{headers['content-type']}` | {', '.join(others)} |"

    def count_row(self):
        return f"| {self.version} | " + " | ".join(
            " or ".join(map(str, sorted(self.counts[endpoint]))) for endpoint in ("throttled", "broken")) + " |"

    def retry_row(self):
        cells = []
        for endpoint in ("throttled", "broken"):
            of_each = list(zip(*self.waits[endpoint]))
            cells.append("; ".join(f"{min(waits):.2f} to {max(waits):.2f}" for waits in of_each) or "-")
        return self.count_row() + " " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser()
    for name in ("cgi", "tjob", "clients"):
        parser.add_argument(name)
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--page", type=pathlib.Path)
    arguments = parser.parse_args()
    clients = []
    for name in DRIVERS:
        try:
            DRIVERS[name](pathlib.Path(arguments.clients).absolute())
            clients.append(Client(name, arguments))
        except SystemExit:
            pass
    threads = [threading.Thread(target=client.measure) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("| client | body | content type | further headers |\n| --- | --- | --- | --- |")
    print(*(client.request_row() for client in clients), sep="\n")
    print("\n| client | requests, throttled | requests, 500 | waits in s, throttled | waits in s, 500 |")
    print("| --- | ---: | ---: | --- | --- |")
    print(*(client.retry_row() for client in clients), sep="\n")
    if arguments.page:
        page = arguments.page.read_text()
        missing = [row for client in clients for row in (client.request_row(), client.count_row()) if row not in page]
        print("", *(f"not in {arguments.page}: {row}" for row in missing), sep="\n")
        sys.exit(1 if missing or not clients else 0)


if __name__ == "__main__":
    main()
