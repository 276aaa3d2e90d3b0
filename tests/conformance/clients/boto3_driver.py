"""boto3. See ../scenario.py for what a driver reads and prints."""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

OPERATIONS = {
    "describe": "describe_entity_recognizer",
    "stop": "stop_training_entity_recognizer",
    "delete": "delete_entity_recognizer",
}
clients = {}


def client(endpoint, attempts):
    if (endpoint, attempts) not in clients:
        retries = {"mode": "standard", "total_max_attempts": attempts} if attempts != 0 else None
        config = Config(retries=retries)
        clients[endpoint, attempts] = boto3.client("comprehend", endpoint_url=endpoint, config=config)
    return clients[endpoint, attempts]


def call(endpoint, operation, arn, attempts):
    service = client(endpoint, attempts)
    try:
        answer = getattr(service, OPERATIONS[operation])(EntityRecognizerArn=arn)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        model = getattr(service.exceptions, code, ClientError)
        assert isinstance(error, model), "not the exception of the model"
        metadata = error.response["ResponseMetadata"]
        return {"error": code, "message": error.response["Error"]["Message"], "http": metadata["HTTPStatusCode"],
                "id": metadata["RequestId"]}
    properties = answer.get("EntityRecognizerProperties", {})
    return {name: value if isinstance(value, str) else round(value.timestamp() * 1000)
            for name, value in properties.items()}


if len(sys.argv) > 1:
    print("boto3", boto3.__version__)
    sys.exit()
for line in sys.stdin:
    endpoint, operation, arn, attempts = line.rstrip("\n").split("\t")
    print(json.dumps(call(endpoint, operation, arn, int(attempts))), flush=True)
