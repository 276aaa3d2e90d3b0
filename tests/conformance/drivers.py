"""Clients: each is a driver in clients/, a program that makes one call a line.

It reads `ENDPOINT operation ARN attempts`, separated by tabs, where 0 attempts are the client's own default, and prints the
answer as one line of JSON: the members of EntityRecognizerProperties, times in Unix milliseconds, or {"error": its name,
"message": its text, "http": the status, "id": the request's id}. With an argument it prints client and version instead.
"""

import json
import os
import pathlib
import subprocess

from fronts import KEY, SECRET, need, skip

CLIENTS = pathlib.Path(__file__).parent / "clients"
PYTHON = "/usr/bin/python3"


def python(name, package, program=None):
    def command(_):
        if not os.access(program or PYTHON, os.X_OK):
            skip(f"{package} is not installed")
        if program is None and subprocess.run([PYTHON, "-c", "import boto3"], capture_output=True).returncode != 0:
            skip(f"{package} is not installed")
        return [PYTHON, CLIENTS / name]
    return command


def node(name, package):
    def command(folder):
        program = need("node", "nodejs")
        if not (folder / "node_modules" / package).exists():
            skip(f"the package {package} is not installed in {folder}")
        return [program, CLIENTS / name]
    return command


def go(name, package):
    def command(folder):
        return [folder / name] if (folder / name).exists() else skip(f"{package} or golang-go is not installed")
    return command


def ruby(_):
    program = need("ruby", "ruby")
    if subprocess.run([program, "-e", 'require "aws-sdk-core"'], capture_output=True).returncode != 0:
        skip("ruby-aws-sdk-core is not installed")
    return [program, CLIENTS / "ruby_driver.rb"]


DRIVERS = {
    "awscli": python("awscli_driver.py", "awscli", "/usr/bin/aws"),
    "boto3": python("boto3_driver.py", "python3-boto3"),
    "js_v3": node("js_v3_driver.js", "@aws-sdk/client-comprehend"),
    "js_v2": node("js_v2_driver.js", "aws-sdk"),
    "go_v1": go("go_v1", "golang-github-aws-aws-sdk-go-dev"),
    "go_v2": go("go_v2", "golang-github-aws-aws-sdk-go-v2-dev"),
    "ruby": ruby,
}


class Driver:
    """A client that runs. Its environment names no server but the endpoint: it speaks to the loopback alone."""

    def __init__(self, name, folder, home, key=KEY, secret=SECRET):
        folder = pathlib.Path(folder).absolute()
        self.command = DRIVERS[name](folder)
        self.environment = {
            "PATH": "/usr/bin:/bin", "HOME": str(home), "NODE_PATH": str(folder / "node_modules"),
            "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_REGION": "us-west-2",
            "AWS_DEFAULT_REGION": "us-west-2", "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "",
            "AWS_CONFIG_FILE": str(home / "none"), "AWS_SHARED_CREDENTIALS_FILE": str(home / "none"),
        }
        self.process = subprocess.Popen(self.command, env=self.environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)

    def version(self):
        command = [*self.command, "version"]
        return subprocess.run(command, env=self.environment, text=True, capture_output=True).stdout.strip()

    def call(self, endpoint, operation, arn, attempts=1):
        print(endpoint, operation, arn, attempts, sep="\t", file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
