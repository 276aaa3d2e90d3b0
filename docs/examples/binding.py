#!/usr/bin/env python3
"""A binding to the shared library, with ctypes and nothing else: a service over a file, and one request of a client.

    python3 binding.py /path/to/libtjob.so
"""
import ctypes
import sys
import tempfile
from ctypes import byref, c_char_p, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from datetime import datetime, timezone

# Values of the enums in tjob/job.h and of the indexes in tjob/flat.h. The installed layout.json has all of them.
SUBMIT, START, STOP, HALTED, DESCRIBE = 0, 1, 2, 3, 11
CHANGED, BEFORE, AFTER, HOST_CODE, SUBMIT_TOKEN, INCARNATION, TRAINER_TOKEN = range(7)
SUBMITTED_MS, TRAINING_STARTED_MS, STOP_REQUESTED_MS, ENDED_MS = range(7, 11)
FIELD_COUNT = 11

Clock = ctypes.CFUNCTYPE(c_uint64, c_void_p, c_void_p)


def load(path):
    """Loads the library and declares its functions: the result, then the arguments. 64-bit arguments need it."""
    library = ctypes.CDLL(path)
    for name, result, *arguments in (
        ("bytes", c_size_t, c_uint32),
        ("answer_bytes", c_size_t),
        ("create_file", c_int32, c_char_p, c_uint64),
        ("open_file", c_int32, c_void_p, c_size_t, c_char_p, c_uint32),
        ("close", None, c_void_p),
        ("set_limit", c_int32, c_void_p, c_uint32, c_uint32, c_uint32),
        ("set_clock", None, c_void_p, c_void_p, Clock),
        ("handle", c_int32, c_void_p, c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, c_char_p, c_size_t,
         ctypes.POINTER(c_int32), c_char_p, c_char_p, c_size_t, ctypes.POINTER(c_size_t)),
        ("perform", c_int32, c_void_p, c_void_p, c_char_p, c_size_t, c_int32, c_uint64, c_uint64, c_uint64, c_uint32,
         ctypes.POINTER(c_uint64), c_size_t),
        ("status_name", c_char_p, c_int32),
        ("state_name", c_char_p, c_int32),
        ("problem_text", c_char_p, c_int32),
    ):
        function = getattr(library, "tjob_flat_" + name)
        function.restype, function.argtypes = result, arguments
    return library


class Service:
    """A service over a store in a file."""

    def __init__(self, library, path, clock):
        self.library = library
        size = library.tjob_flat_bytes(0)
        self.memory = (c_uint64 * ((size + 7) // 8))()  # ctypes does not move it, and uint64 aligns it
        self.clock = Clock(lambda context, user: clock())  # kept: the library calls it until the service is closed
        self.check(library.tjob_flat_create_file(path.encode(), 100))
        self.check(library.tjob_flat_open_file(self.memory, size, path.encode(), 0))
        library.tjob_flat_set_clock(self.memory, None, self.clock)
        library.tjob_flat_set_limit(self.memory, 10, 1000, 20)

    def check(self, problem):
        if problem != 0:
            raise OSError(self.library.tjob_flat_problem_text(problem).decode())

    def close(self):
        self.library.tjob_flat_close(self.memory)

    def perform(self, arn, event, incarnation=0, trainer_token=0, token=0, host_code=0):
        """Carries an event to a job; returns the name of the status, and the fields of the outcome."""
        fields = (c_uint64 * FIELD_COUNT)()
        status = self.library.tjob_flat_perform(self.memory, None, arn, len(arn), event, incarnation, trainer_token,
                                                token, host_code, fields, FIELD_COUNT)
        return self.library.tjob_flat_status_name(status).decode(), fields

    def handle(self, target, content_type, body):
        """Answers a request of a client; returns the status, the headers as text, and the body."""
        capacity = self.library.tjob_flat_answer_bytes()
        headers, answer = ctypes.create_string_buffer(capacity), ctypes.create_string_buffer(capacity)
        http_status, answer_bytes = c_int32(), c_size_t()
        self.library.tjob_flat_handle(self.memory, None, target, len(target), content_type, len(content_type), body,
                                      len(body), byref(http_status), headers, answer, capacity, byref(answer_bytes))
        return http_status.value, headers.value.decode(), answer.raw[: answer_bytes.value]

    def state(self, value):
        return self.library.tjob_flat_state_name(value).decode()


def show(service, what, result):
    status, fields = result
    print(f"{what}: {status}, {service.state(fields[BEFORE])} -> {service.state(fields[AFTER])}")
    return fields


def main():
    arn = b"arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers"
    now = iter(range(1600000000000, 1600001000000, 1000))  # each reading of the clock is a second later
    with tempfile.TemporaryDirectory() as folder:
        service = Service(load(sys.argv[1]), folder + "/jobs", lambda: next(now))

        # The host creates a job, and a trainer of its own takes it up.
        incarnation = show(service, "submit", service.perform(arn, SUBMIT, token=1))[INCARNATION]
        show(service, "start", service.perform(arn, START, incarnation, trainer_token=7))

        # A client's request, as a web server passes it on.
        status, headers, body = service.handle(
            b"Comprehend_20171127.StopTrainingEntityRecognizer",
            b"application/x-amz-json-1.1",
            b'{"EntityRecognizerArn": "' + arn + b'"}',
        )
        print(f"stop, over the wire: {status}, {headers.strip()}, {len(body)} bytes")

        # The trainer repeats its start to ask whether to go on, and halts. Another trainer is refused.
        fields = show(service, "start again", service.perform(arn, START, incarnation, trainer_token=7))
        if service.state(fields[AFTER]) == "STOP_REQUESTED":
            show(service, "halted, by another", service.perform(arn, HALTED, incarnation, trainer_token=8))
            show(service, "halted", service.perform(arn, HALTED, incarnation, trainer_token=7))
        show(service, "stop", service.perform(arn, STOP))

        fields = show(service, "describe", service.perform(arn, DESCRIBE))
        for name, field in ("submitted", SUBMITTED_MS), ("stop requested", STOP_REQUESTED_MS), ("ended", ENDED_MS):
            print(f"  {name} {datetime.fromtimestamp(fields[field] / 1000, timezone.utc):%H:%M:%S}")
        service.close()


if __name__ == "__main__":
    main()
