"""The incarnation of a recognizer as boto3 sees it; see real_clients.sh for the environment."""

import os
import pathlib
import subprocess
import sys
import time

import boto3
from botocore.config import Config

ARN = "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/"
SCENARIO = ARN + "scenario"
BUSY = ARN + "busy"


def client(path="", attempts=1):
    retries = {"mode": "standard", "total_max_attempts": attempts}
    return boto3.client("comprehend", endpoint_url=os.environ["ENDPOINT"] + path, config=Config(retries=retries))


def host(command, arn, *arguments):
    subprocess.run(["tjob", command, "--store", os.environ["STORE"], arn, *arguments], check=True, capture_output=True)


def status(service, arn):
    properties = service.describe_entity_recognizer(EntityRecognizerArn=arn)["EntityRecognizerProperties"]
    assert properties["EntityRecognizerArn"] == arn, properties
    return properties["Status"]


def expect_error(service, name, words, call, **arguments):
    """The call fails with the modelled exception of this name, whose message has these words."""
    try:
        call(**arguments)
    except getattr(service.exceptions, name) as error:
        metadata = error.response["ResponseMetadata"]
        assert error.response["Error"]["Code"] == name, error.response
        assert words in error.response["Error"]["Message"], error.response
        assert metadata["HTTPStatusCode"] == (500 if name == "InternalServerException" else 400), metadata
        assert metadata["RequestId"] == metadata["HTTPHeaders"]["x-amzn-requestid"] != "", metadata
        print(f"  {name}: {error.response['Error']['Message']}")
        return
    raise AssertionError(f"no {name}")


def stop_and_wait(service):
    assert status(service, SCENARIO) == "TRAINING"
    answer = service.stop_training_entity_recognizer(EntityRecognizerArn=SCENARIO)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200, answer
    assert status(service, SCENARIO) == "STOP_REQUESTED"
    if "TRAINER_NEVER_HALTS" not in os.environ:
        host("report", SCENARIO, "halted", "--trainer-token", "7")
    for _ in range(20):
        if status(service, SCENARIO) == "STOPPED":
            break
        time.sleep(0.05)
    else:
        raise AssertionError("it is never STOPPED")
    service.stop_training_entity_recognizer(EntityRecognizerArn=SCENARIO)
    assert status(service, SCENARIO) == "STOPPED"
    print("  stopped, and stopped again")


def errors(service):
    stop = service.stop_training_entity_recognizer
    expect_error(service, "ResourceNotFoundException", "not found", stop, EntityRecognizerArn=ARN + "nobody")
    expect_error(service, "InvalidRequestException", "at byte 60", stop, EntityRecognizerArn=ARN + "-")
    expect_error(service, "InvalidRequestException", "longer than 256", stop, EntityRecognizerArn=ARN + "a" * 200)
    delete = service.delete_entity_recognizer
    expect_error(service, "ResourceInUseException", "TRAINING", delete, EntityRecognizerArn=BUSY)
    broken = client("/broken")
    stop = broken.stop_training_entity_recognizer
    expect_error(broken, "InternalServerException", "Retry", stop, EntityRecognizerArn=SCENARIO)


def use_up_the_rate():
    """As if others had done so: the word of the limiter is a time far ahead, and the next call is refused."""
    pathlib.Path(os.environ["THROTTLE"]).write_bytes((1 << 62).to_bytes(8, sys.byteorder))


def throttling():
    impatient = client("/throttled")
    use_up_the_rate()
    describe = impatient.describe_entity_recognizer
    expect_error(impatient, "TooManyRequestsException", "Resubmit", describe, EntityRecognizerArn=BUSY)
    patient = client("/throttled", attempts=10)
    use_up_the_rate()
    answer = patient.describe_entity_recognizer(EntityRecognizerArn=BUSY)
    retried = answer["ResponseMetadata"]["RetryAttempts"]
    assert retried > 0, "nothing was throttled"
    print(f"  throttled, and came through after {retried} retries")


def deletion(service):
    service.delete_entity_recognizer(EntityRecognizerArn=SCENARIO)
    assert status(service, SCENARIO) == "DELETING"
    host("remove", SCENARIO)
    describe = service.describe_entity_recognizer
    expect_error(service, "ResourceNotFoundException", "not found", describe, EntityRecognizerArn=SCENARIO)


print(f"boto3 {boto3.__version__}")
comprehend = client()
stop_and_wait(comprehend)
errors(comprehend)
throttling()
deletion(comprehend)
print("the whole scenario")
