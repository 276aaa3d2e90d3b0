"""What the tests of the server share: a server on loopback, sockets, and requests as bytes."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

ARN = 'arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/'
TARGET = 'Comprehend_20171127.%sEntityRecognizer'


def check(holds, *words):
    if not holds:
        raise AssertionError(' '.join(str(word) for word in words))


def eventually(holds, seconds=10):
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


class Server:
    """`tjob serve` over a fresh store, or any program that prints where it listens."""

    def __init__(self, program, *options, store=None, command=None, jobs=100):
        self.program = program
        self.folder = tempfile.TemporaryDirectory()
        self.store = store or os.path.join(self.folder.name, 'jobs')
        self.log = os.path.join(self.folder.name, 'log')
        self.errors = os.path.join(self.folder.name, 'errors')
        if store is None and command is None:
            self.tjob('store', 'create', self.store, '--capacity', str(jobs))
        if command is None:
            command = [program, 'serve', '--store', self.store, '--listen', '127.0.0.1:0', *options]
        with open(self.errors, 'w') as errors:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        line = self.process.stdout.readline()
        match = re.fullmatch(r'listening on http://(?:127\.0\.0\.1|\[::1\]):(\d+)/\n', line)
        check(match, 'no port in', repr(line), self.stderr())
        self.port = int(match.group(1))

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            if kind is None:
                self.end()
            else:
                self.process.kill()
        self.process.stdout.close()
        if kind is not None:
            print(self.stderr(), file=sys.stderr)
        self.folder.cleanup()

    def stderr(self):
        with open(self.errors) as errors:
            return errors.read()

    def tjob(self, *words, code=0):
        done = subprocess.run([self.program, *words], capture_output=True, text=True)
        check(done.returncode == code, 'tjob', *words, 'ended with', done.returncode, done.stdout, done.stderr)
        return done.stdout

    def signal(self, number):
        self.process.send_signal(number)

    def end(self, code=0, seconds=40):
        """Ends it by SIGTERM, and checks the exit code: with AddressSanitizer another one if memory leaked."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        check(self.process.wait(seconds) == code, 'ended with', self.process.returncode, self.stderr())

    def train(self, *names):
        for name in names:
            self.tjob('submit', ARN + name, '--store', self.store, '--token', '5')
            self.tjob('start', ARN + name, '--store', self.store, '--trainer-token', '7')

    def descriptors(self):
        return len(os.listdir('/proc/%d/fd' % self.process.pid))

    def threads(self):
        return len(os.listdir('/proc/%d/task' % self.process.pid))

    def log_lines(self):
        with open(self.log) as lines:
            return [json.loads(line) for line in lines]

    def connect(self, seconds=10):
        return Connection(self.port, seconds)

    def post(self, operation, name, **options):
        with self.connect() as connection:
            return connection.post(operation, name, **options)

    def get(self, path):
        with self.connect() as connection:
            connection.send(b'GET ' + path.encode() + b' HTTP/1.1\r\nHost: a\r\n\r\n')
            return connection.answer()

    def metric(self, name):
        for line in self.get('/metrics').body.decode().splitlines():
            if line.startswith(name + ' '):
                return float(line.rsplit(' ', 1)[1])
        return 0


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def error(self):
        return self.headers.get('x-amzn-errortype')


def body_of(name):
    return json.dumps({'EntityRecognizerArn': ARN + name}).encode()


def request(operation, name, headers=(), body=None, length=True):
    body = body_of(name) if body is None else body
    lines = ['POST / HTTP/1.1', 'Host: localhost', 'X-Amz-Target: ' + TARGET % operation,
             'Content-Type: application/x-amz-json-1.1', *headers]
    if length:
        lines.append('Content-Length: %d' % len(body))
    return '\r\n'.join(lines).encode() + b'\r\n\r\n' + (body if length else b'')


class Connection:
    def __init__(self, port, seconds=10):
        self.socket = socket.create_connection(('127.0.0.1', port), seconds)
        self.buffer = b''

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def more(self):
        """Reads on. False at the end of the stream, or where the connection was reset."""
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            data = b''
        self.buffer += data
        return data != b''

    def line(self):
        while b'\r\n' not in self.buffer:
            if not self.more():
                return None
        line, self.buffer = self.buffer.split(b'\r\n', 1)
        return line

    def answer(self):
        """The next answer; None if the connection is closed before it."""
        status = self.line()
        if status is None:
            return None
        headers = {}
        while True:
            line = self.line()
            check(line is not None, 'the head of an answer is cut')
            if line == b'':
                break
            name, value = line.decode('latin-1').split(':', 1)
            headers[name.lower()] = value.strip()
        status = int(status.split()[1])
        length = 0 if status == 100 else int(headers.get('content-length', '0'))
        while len(self.buffer) < length:
            check(self.more(), 'the body of an answer is cut')
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Answer(status, headers, body)

    def is_closed(self, seconds):
        """Whether the other side closes it in time, without another byte."""
        self.socket.settimeout(seconds)
        try:
            return self.buffer == b'' and not self.more()
        except socket.timeout:
            return False

    def post(self, operation, name, **options):
        self.send(request(operation, name, **options))
        return self.answer()
