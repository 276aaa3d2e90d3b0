"""Runs scenario.txt with a real client through a real front end.

    scenario.py CGI_PROGRAM FOLDER_OF_TJOB FOLDER_OF_CLIENTS CLIENT FRONT_END

Exits with 77, and says what is missing, where a package is not installed.
"""

import json
import os
import pathlib
import sys

from drivers import Driver
from fronts import FRONTS

SCENARIO = pathlib.Path(__file__).parent / "scenario.txt"
TRAINER = ("--trainer-token", "7")
TIMES = {"SubmitTime": "submitted_ms", "TrainingStartTime": "training_started_ms", "EndTime": "ended_ms",
         "TrainingEndTime": "ended_ms"}


def act_as_host(front, operation, arn):
    store = ("--store", str(front.work / "jobs"))
    if operation == "used-up":
        front.use_up_the_rate()
    elif operation in ("submit", "remove"):
        front.host(operation, arn, *store)
    elif operation == "start":
        front.host(operation, arn, *store, *TRAINER)
    elif operation != os.environ.get("TRAINER_NEVER"):
        front.host("report", arn, operation, *store, *TRAINER)


def expected_description(front, arn, status):
    """What the client must see of a job: the ARN, the status, and its times as the host's own command knows them."""
    job = json.loads(front.host("describe", arn, "--store", str(front.work / "jobs"), "--json"))["job"]
    times = {name: int(job[member]) for name, member in TIMES.items() if member in job}
    if "TrainingStartTime" not in times:
        times.pop("TrainingEndTime", None)
    return {"EntityRecognizerArn": arn, "Status": status, **times}


def check(front, arn, expected, answer):
    """Returns what is wrong with the answer, or None."""
    error, _, words = expected.partition(": ")
    if expected == "ok":
        return None if answer == {} else "not an empty answer"
    if error.endswith("Exception"):
        status = 500 if error == "InternalServerException" else 400
        is_as_expected = (answer.get("error") == error and words in answer["message"]
                          and answer.get("http", status) == status and answer.get("id", "id"))
        return None if is_as_expected else f"not {expected}"
    description = expected_description(front, arn, expected)
    return None if answer == description else f"not {description}"


def run(front, driver):
    failures = 0
    for line in SCENARIO.read_text().splitlines():
        if line == "" or line.startswith("#"):
            continue
        endpoint, operation, name, *expected = line.split(maxsplit=3)
        arn = name if name.startswith("arn:") else "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/" + name
        if endpoint == "host":
            act_as_host(front, operation, arn)
            continue
        endpoint, _, attempts = endpoint.partition("*")
        answer = driver.call(front.endpoint(endpoint), operation, arn, attempts or 1)
        wrong = check(front, arn, expected[0], answer)
        failures += wrong is not None
        print("FAILED:" if wrong else "ok:", line, f"-> {answer}, {wrong}" if wrong else "")
    return failures


def main():
    cgi, tjob, folder, client, front_name = sys.argv[1:]
    with FRONTS[front_name](cgi, tjob) as front:
        driver = Driver(client, folder, front.work)
        print(driver.version(), "through", front_name)
        failures = run(front, driver)
        driver.close()
        if failures != 0:
            print(front.errors())
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
