"""The AWS CLI, one process a call. See ../scenario.py for what a driver reads and prints."""

import datetime
import json
import os
import re
import subprocess
import sys

OPERATIONS = {"describe": "describe", "stop": "stop-training", "delete": "delete"}
ERROR = re.compile(r"An error occurred \((\w+)\) when calling the \w+ operation(?: \(reached max retries: \d+\))?: (.*)")


def call(endpoint, operation, arn, attempts):
    environment = dict(os.environ)
    if attempts != "0":
        environment.update(AWS_MAX_ATTEMPTS=attempts)
    process = subprocess.run(
        ["aws", "comprehend", OPERATIONS[operation] + "-entity-recognizer", "--endpoint-url", endpoint,
         "--entity-recognizer-arn", arn, "--output", "json"],
        env=environment, capture_output=True, text=True)
    if process.returncode != 0:
        error = ERROR.search(process.stderr)
        return {"error": error[1], "message": error[2]} if error else {"error": process.stderr}
    properties = json.loads(process.stdout)["EntityRecognizerProperties"] if process.stdout.strip() else {}
    return {name: round(datetime.datetime.fromisoformat(value).timestamp() * 1000) if name.endswith("Time") else value
            for name, value in properties.items()}


if len(sys.argv) > 1:
    version = subprocess.run(["aws", "--version"], capture_output=True, text=True).stdout
    print(version.split()[0].replace("aws-cli/", "AWS CLI "))
    sys.exit()
for line in sys.stdin:
    print(json.dumps(call(*line.rstrip("\n").split("\t"))), flush=True)
