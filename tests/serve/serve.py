"""Cases of the server, each by its name: serve.py PROGRAM EXAMPLE CASE."""
import fcntl
import json
import os
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from random import Random

from support import ARN, TARGET, Server, body_of, check, eventually, request

PROGRAM, EXAMPLE = map(os.path.abspath, sys.argv[1:3])
FOLDER = os.path.dirname(os.path.abspath(__file__))


def server(*options, **keywords):
    return Server(PROGRAM, *options, **keywords)


def is_now(it, name, state):
    answer = it.post('Describe', name)
    check(answer.status == 200 and b'"Status":"%s"' % state.encode() in answer.body, name, state, answer.body)


# ---- The service


def a_story():
    with server() as it:
        it.train('a')
        is_now(it, 'a', 'TRAINING')
        with it.connect() as client:
            answer = client.post('StopTraining', 'a')
            check(answer.status == 200 and answer.body == b'{}' and answer.error is None, answer.body)
            check(answer.headers['content-type'] == 'application/x-amz-json-1.1', answer.headers)
            check(client.post('StopTraining', 'a').status == 200, 'a stop is not repeated')
            answer = client.post('Delete', 'a')
            check(answer.status == 400 and answer.error == 'ResourceInUseException', answer.body)
            answer = client.post('StopTraining', 'b')
            check(answer.status == 400 and answer.error == 'ResourceNotFoundException', answer.body)
            answer = client.post('StopTraining', 'a', body=b'{"EntityRecognizerArn":')
            check(answer.status == 400 and answer.error == 'InvalidRequestException', answer.body)
            answer = client.post('StopTraining', 'a', body=b'')
            check(b'EntityRecognizerArn is required' in answer.body, answer.body)
            answer = client.post('Create', 'a')
            check(answer.status == 400 and answer.error == 'UnknownOperationException', answer.body)
        is_now(it, 'a', 'STOP_REQUESTED')
        it.tjob('report', ARN + 'a', 'halted', '--store', it.store, '--trainer-token', '7')
        is_now(it, 'a', 'STOPPED')
        check(it.post('Delete', 'a').status == 200, 'not deleted')
        it.tjob('remove', ARN + 'a', '--store', it.store)
        check(it.post('Describe', 'a').error == 'ResourceNotFoundException', 'it is still there')


def success_body():
    for options, body in (((), b'{}'), (('--success-body', 'object'), b'{}'), (('--success-body', 'empty'), b'')):
        with server(*options) as it:
            it.train('a')
            check(it.post('StopTraining', 'a').body == body, options)


def throttled():
    with server('--rate', '1', '--burst', '2') as it:
        it.train('a')
        answers = [it.post('Describe', 'a') for _ in range(4)]
        check([a.status for a in answers[:2]] == [200, 200], answers)
        check(answers[3].status == 400 and answers[3].error == 'TooManyRequestsException', answers[3].body)
        time.sleep(1.5)
        check(it.post('Describe', 'a').status == 200, 'it never recovers')
        check(it.get('/healthz').status == 200, 'the limit is for the service alone')


def policy():
    def finished(it):
        it.train('done')
        it.tjob('report', ARN + 'done', 'completed', '--store', it.store, '--trainer-token', '7')
        it.tjob('submit', ARN + 'new', '--store', it.store)

    for options, new, done, state in (((), 200, 200, 'STOPPED'), (('--stop-submitted', 'ignore'), 200, 200, 'SUBMITTED'),
                                      (('--stop-submitted', 'refuse'), 400, 200, 'SUBMITTED'),
                                      (('--stop-finished', 'refuse'), 200, 400, 'STOPPED')):
        with server(*options) as it:
            finished(it)
            for name, status in (('new', new), ('done', done)):
                answer = it.post('StopTraining', name)
                check(answer.status == status, options, name, answer.status, answer.body)
                check(status == 200 or answer.error == 'InvalidRequestException', answer.body)
            is_now(it, 'new', state)
            is_now(it, 'done', 'TRAINED')


def storage_fails():
    with server('--wait-ms', '200') as it:
        it.train('a')
        it.tjob('store', 'grow', it.store, '--capacity', '200')
        answer = it.post('StopTraining', 'a')
        check(answer.status == 500 and answer.error == 'InternalServerException', answer.status, answer.body)
        answer = it.get('/healthz')
        check(answer.status in (200, 503), answer.status)
        check(it.metric('tjob_store_failures_total') == 1, 'not counted')


def reopened_store():
    with server() as it:
        it.train('a', 'b')
        it.tjob('store', 'grow', it.store, '--capacity', '1000')
        check(it.post('StopTraining', 'a').status == 500, 'the old file still changes')
        it.signal(signal.SIGHUP)
        check(eventually(lambda: it.post('StopTraining', 'a').status == 200), 'not opened again')
        is_now(it, 'a', 'STOP_REQUESTED')
        # One that cannot be opened leaves the other in use.
        os.rename(it.store, it.store + '.away')
        it.signal(signal.SIGHUP)
        check(eventually(lambda: 'the store stays open as it was' in it.stderr()), it.stderr())
        is_now(it, 'a', 'STOP_REQUESTED')
        os.rename(it.store + '.away', it.store)
        check(it.post('StopTraining', 'b').status == 200, 'the old one is not in use')
        # Under load, again and again: nobody notices.
        stop = threading.Event()
        failures = []

        def ask():
            with it.connect() as client:
                while not stop.is_set():
                    answer = client.post('Describe', 'a')
                    if answer is None or answer.status != 200:
                        failures.append(answer and answer.status)

        before = it.descriptors()
        clients = [threading.Thread(target=ask) for _ in range(4)]
        for client in clients:
            client.start()
        for _ in range(20):
            it.signal(signal.SIGHUP)
            time.sleep(0.05)
        stop.set()
        for client in clients:
            client.join()
        check(not failures, failures[:5])
        check(eventually(lambda: it.descriptors() <= before), 'descriptors are lost', before, it.descriptors())


def reopened_while_calls_wait():
    """A call that waits for another process holds up neither the limits of time nor the end."""
    with server('--wait-ms', '20000', '--request-ms', '1000', '--drain-ms', '100') as it:
        it.train('a')
        with open(it.store, 'r+b') as locked, it.connect(20) as waiting:
            fcntl.lockf(locked, fcntl.LOCK_EX, 0, 8192) # all but the header
            waiting.send(request('StopTraining', 'a'))
            time.sleep(0.5)
            before = it.descriptors()
            for _ in range(3):
                it.signal(signal.SIGHUP)
                time.sleep(0.3)
            with it.connect() as silent:
                check(silent.is_closed(5), 'the limits wait')
            check(eventually(lambda: it.descriptors() <= before + 1), 'more than one other is open', it.descriptors())
            fcntl.lockf(locked, fcntl.LOCK_UN, 0, 8192)
            answer = waiting.answer()
            check(answer and answer.status == 200, 'no answer')
            check(eventually(lambda: it.descriptors() <= before), 'the old one stays open', before, it.descriptors())
            is_now(it, 'a', 'STOP_REQUESTED')
            fcntl.lockf(locked, fcntl.LOCK_EX, 0, 8192)
            waiting.send(request('StopTraining', 'a'))
            with it.connect(20) as other:
                other.send(request('Delete', 'a'))
                time.sleep(0.5)
                it.signal(signal.SIGHUP)
                it.signal(signal.SIGTERM)
                check(eventually(lambda: refused(it.port)), 'it still listens')
                fcntl.lockf(locked, fcntl.LOCK_UN, 0, 8192)
                it.process.wait(20)


def reopened_slowly():
    """A store that takes its time to open holds up neither requests, nor the limits of time, nor the end."""
    with server('--wait-ms', '20000', '--request-ms', '1000', '--drain-ms', '1000') as it:
        it.train('a')
        before = it.descriptors()
        with open(it.store, 'r+b', buffering=0) as locked:
            def begin_to_open():
                """As if a creation had not been finished: who opens it locks the header."""
                locked.seek(4096)
                locked.write(bytes(8))
                fcntl.lockf(locked, fcntl.LOCK_EX, 8192, 0)
                it.signal(signal.SIGHUP)
                check(eventually(lambda: it.descriptors() > before), 'it does not open')

            begin_to_open()
            began = time.monotonic()
            is_now(it, 'a', 'TRAINING')
            with it.connect() as silent:
                check(silent.is_closed(5), 'the limits wait')
            check(time.monotonic() - began < 5, 'it waits', time.monotonic() - began)
            it.signal(signal.SIGHUP) # once more, after this one
            fcntl.lockf(locked, fcntl.LOCK_UN, 8192, 0)
            check(eventually(lambda: it.descriptors() == before), 'descriptors are lost', before, it.descriptors())
            is_now(it, 'a', 'TRAINING')
            begin_to_open()
            began = time.monotonic()
            it.end()
            check(time.monotonic() - began < 5, 'the end waits', time.monotonic() - began)
        check(it.stderr() == '', it.stderr())


def refused(port):
    try:
        socket.create_connection(('127.0.0.1', port), 1).close()
        return False
    except OSError:
        return True


def in_a_host():
    """The example: a store in memory, and a hook that answers first."""
    with server(command=[EXAMPLE]) as it:
        is_now(it, 'flowers', 'TRAINING')
        with it.connect() as client:
            answer = client.post('StopTraining', 'flowers', headers=['X-Maintenance: yes'])
            check(answer.status == 503 and answer.body == b'later, please\n', answer.body)
            check(answer.headers['content-type'] == 'text/plain', answer.headers)
            check(client.post('StopTraining', 'flowers').status == 200, 'not stopped')
        is_now(it, 'flowers', 'STOP_REQUESTED')
        it.end()
        check(it.process.stdout.read() == 'every request was answered\n', 'not drained')


# ---- HTTP


def heads():
    """The table of heads.txt."""
    with open(os.path.join(FOLDER, 'heads.txt')) as lines:
        table = lines.read()
    cases = re.findall(r'^> (.*): (\S+)( close)?\n(.*)\n', table, re.M)
    check(len(cases) == table.count('\n> ') and len(cases) > 50, len(cases))

    def replaced(match):
        escape = match.group(1)
        return {'r': '\r', 'n': '\n', 't': '\t', '\\': '\\'}.get(escape) or chr(int(escape[1:], 16))

    failures = []
    with server('--request-ms', '1500', '--idle-ms', '20000') as it:
        it.train('a')
        body = body_of('a')
        for name, status, close, text in cases:
            closes = close != '' or status == 'close'
            text = re.sub(r'\$\((\d+)\*(.*?)\)', lambda m: int(m.group(1)) * m.group(2), text)
            text = re.sub(r'\\(x[0-9a-f]{2}|.)', replaced, text)
            text = re.sub(r'(X-Amz-Target:\s*)T\b', r'\1' + TARGET % 'Describe', text, flags=re.I)
            data = text.replace('LENGTH', str(len(body))).encode('latin-1').replace(b'BODY', body)
            with it.connect(8) as client:
                began = time.monotonic()
                try:
                    client.send(data)
                except ConnectionError:
                    pass
                try:
                    answer = client.answer()
                    found = str(answer.status) if answer else 'close'
                    fits = found == status or (status == '4xx' and found[0] == '4') or \
                        (status == 'close' and found != 'close' and answer.status >= 400)
                    if not fits:
                        failures.append((name, 'answered', found, 'not', status))
                    if status == '4xx':
                        client.buffer = b'' # it may send the head of such an answer twice
                        while client.more():
                            client.buffer = b''
                    if answer and closes and not client.is_closed(5):
                        failures.append((name, 'is not closed'))
                    if answer and not closes:
                        client.send(request('Describe', 'a'))
                        again = client.answer()
                        if again is None or again.status != 200:
                            failures.append((name, 'is closed'))
                except (AssertionError, socket.timeout) as problem:
                    failures.append((name, repr(problem)))
                if time.monotonic() - began > 6:
                    failures.append((name, 'took', time.monotonic() - began))
            check(it.process.poll() is None, name, 'ended the server')
        is_now(it, 'a', 'TRAINING')
        check(eventually(lambda: it.metric('tjob_http_connections') == 1), 'connections are left')
    check(not failures, *['\n%s' % (failure,) for failure in failures])


def keep_alive():
    with server() as it:
        it.train('a')
        with it.connect() as client:
            ids = {client.post('Describe', 'a').headers['x-amzn-requestid'] for _ in range(1000)}
            check(len(ids) == 1000, 'ids come again')
            check(it.metric('tjob_http_connections') == 2, 'not one connection')
            # A name of a body that was longer must not show through in the next one.
            client.post('StopTraining', 'a', body=b'x' * 65536)
            answer = client.post('StopTraining', 'a', body=b'{}')
            check(b'EntityRecognizerArn is required' in answer.body, answer.body)


def pipelining():
    with server() as it:
        it.train('a')
        with it.connect() as client:
            client.send(request('Describe', 'a') * 100 + request('StopTraining', 'a') + request('Describe', 'a'))
            answers = [client.answer() for _ in range(102)]
            check(all(answer.status == 200 for answer in answers), 'not all')
            check(all(b'"TRAINING"' in answer.body for answer in answers[:100]), 'not in order')
            check(answers[100].body == b'{}' and b'STOP_REQUESTED' in answers[101].body, answers[101].body)


def chunked():
    with server() as it:
        it.train('a')
        for size in (1, 7, 50, 1000):
            body = body_of('a')
            chunks = [body[at:at + size] for at in range(0, len(body), size)]
            data = b''.join(b'%x;name=value\r\n%s\r\n' % (len(chunk), chunk) for chunk in chunks)
            data = request('Describe', 'a', headers=['Transfer-Encoding: chunked'], length=False) + data
            for end in b'0\r\n\r\n', b'0\r\nX-Trailer: yes\r\n\r\n':
                with it.connect() as client:
                    client.send(data + end + request('Describe', 'a')) # nothing is read behind the end
                    answer = client.answer()
                    check(answer.status == 200, size, answer.status, answer.body)
                    check(answer.headers['connection'] == 'close' and client.is_closed(5), size, answer.headers)


def expect():
    with server() as it:
        it.train('a')
        body = body_of('a')
        with it.connect() as client:
            head = request('Describe', 'a', headers=['Expect: 100-continue'])[:-len(body)]
            client.send(head)
            check(client.answer().status == 100, 'the client is not asked to continue')
            client.send(body)
            check(client.answer().status == 200, 'no answer after it continued')
        with it.connect() as client:
            client.send(request('Describe', 'a', headers=['Expect: 100-continue', 'Content-Length: 2000000'], length=False))
            answer = client.answer()
            check(answer.status == 400 and client.is_closed(5), 'the client sends what is not read', answer.status)


def health_and_metrics():
    with server() as it:
        it.train('a')
        answer = it.get('/healthz')
        check(answer.status == 200 and answer.body == b'{"store":"ok"}\n', answer.body)
        with it.connect() as client:
            client.send(b'HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n')
            check(client.line() == b'HTTP/1.1 200 OK', 'no answer to HEAD')
        it.post('StopTraining', 'a')
        it.post('Describe', 'b')
        it.post('Create', 'b')
        it.get('/none')
        with it.connect() as client:
            client.send(b'GET / HTTP/1.1\r\n\r\n')
            client.answer()
        page = it.get('/metrics')
        check(page.headers['content-type'] == 'text/plain; version=0.0.4', page.headers)
        lines = page.body.decode().splitlines()
        for line in ('tjob_requests_total{operation="stop",status="ok"} 1',
                     'tjob_requests_total{operation="describe",status="not found"} 1',
                     'tjob_requests_total{operation="rejected",status="unknown operation"} 1',
                     'tjob_operations_in_progress 0', 'tjob_store_failures_total 0', 'tjob_conflicts_total 0',
                     'tjob_operation_seconds_count 2', 'tjob_http_responses_total{status="2xx"} 3',
                     'tjob_http_responses_total{status="4xx"} 4', 'tjob_http_connections_max 256',
                     'tjob_http_refused_total 1', 'tjob_http_unanswered_total 0'):
            check(line in lines, line, 'is not in\n' + page.body.decode())
        for line in lines:
            check(re.fullmatch(r'# (HELP|TYPE) tjob_\w+ .*|tjob_\w+(\{(\w+="[^"]*",?)+\})? [0-9.]+', line), line)


def one_id_per_request():
    with server('--log', '/dev/stderr') as it:
        it.train('a')
        ids = [it.post('Describe', 'a').headers['x-amzn-requestid'], it.post('Describe', 'b').headers['x-amzn-requestid'],
               it.get('/healthz').headers['x-amzn-requestid'], it.get('/none').headers['x-amzn-requestid']]
        check(len(set(ids)) == 4 and all(re.fullmatch('[0-9a-f]{16}', one) for one in ids), ids)
        check(all('"request_id":"%s"' % one in it.stderr() for one in ids), it.stderr())


def log_of_requests():
    path = os.path.join(tempfile.gettempdir(), 'tjob-serve-log-%d' % os.getpid())
    with server('--log', path) as it:
        try:
            it.log = path
            it.train('a')
            it.post('StopTraining', 'a')
            it.post('Describe', 'a')
            it.get('/\x7f"\\%00' + 'x' * 400)
            with it.connect() as client:
                client.send(b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n')
            check(eventually(lambda: len(it.log_lines()) == 4), it.log_lines())
            stop, describe, other, cut = it.log_lines()
            check(stop['event'] == 'stop' and stop['status'] == 'ok' and stop['changed'] == 'yes', stop)
            check(stop['http_status'] == 200 and stop['bytes_in'] == len(body_of('a')) and stop['bytes_out'] == 2, stop)
            check(stop['job']['state'] == 'STOP_REQUESTED' and stop['arn'] == ARN + 'a', stop)
            check(re.fullmatch(r'127\.0\.0\.1:\d+', stop['client']), stop)
            check(re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z', stop['time']), stop)
            check(int(stop['id']) == int(stop['request_id'], 16), stop)
            check(int(stop['at']) <= int(stop['answered_at']) <= int(describe['at']), stop)
            check(other['http_status'] == 400 and 'event' not in other and len(other['path']) <= 256, other)
            check(cut['http_status'] == 0 and cut['bytes_out'] == 0, cut)
            # With the calls that are not requests, it is a history.
            whole = path + '-history'
            with open(whole, 'w') as lines:
                lines.write('{"id":"s","at":1,"answered_at":2,"arn":"%sa","event":"submit","token":5,"status":"ok"}\n' % ARN)
                lines.write('{"id":"t","at":3,"answered_at":4,"arn":"%sa","event":"start","trainer_token":7,'
                            '"status":"ok"}\n' % ARN)
                lines.write(open(path).read())
            check('1 linearizable' in it.tjob('history', 'check', whole), 'not a history')
            with open(whole, 'a') as lines:
                lines.write(open(path).read().splitlines()[1].replace(describe['id'], '7').replace('STOP_REQUESTED', 'TRAINING')
                            .replace('"at":"', '"at":"9').replace('"answered_at":"', '"answered_at":"9') + '\n')
            it.tjob('history', 'check', whole, code=1)
            os.unlink(whole)
        finally:
            os.unlink(path)


def reopened_log():
    path = os.path.join(tempfile.gettempdir(), 'tjob-serve-moved-%d' % os.getpid())
    with server('--log', path) as it:
        try:
            it.get('/healthz')
            os.rename(path, path + '.1')
            it.get('/healthz')
            it.signal(signal.SIGHUP)
            check(eventually(lambda: os.path.exists(path)), 'not opened again')
            time.sleep(0.2)
            it.get('/healthz')
            counts = [len(open(name).readlines()) for name in (path + '.1', path)]
            check(counts == [2, 1], counts)
        finally:
            for name in (path, path + '.1'):
                if os.path.exists(name):
                    os.unlink(name)


def cut_log():
    """A line that does not fit stands alone: all others are whole, also after the log or the server is opened again."""
    def lines(path):
        with open(path) as log:
            return log.read().split('\n')

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'log')
        for again in False, True: # the log is opened again in between
            if os.path.exists(path):
                os.unlink(path)
            with server('--log', path) as it:
                it.get('/healthz')
                size = os.path.getsize(path)
                resource.prlimit(it.process.pid, resource.RLIMIT_FSIZE, (size + 20, resource.RLIM_INFINITY))
                it.get('/healthz') # cut
                it.get('/healthz') # lost
                check(os.path.getsize(path) == size + 20 and path + ': ' in it.stderr(), 'not cut', it.stderr())
                resource.prlimit(it.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                if again:
                    it.signal(signal.SIGHUP)
                    time.sleep(0.3)
                it.get('/healthz')
                it.get('/healthz')
            found = lines(path)
            check(len(found) == 5 and len(found[1]) == 20 and found[4] == '', found)
            for line in found[0], found[2], found[3]:
                json.loads(line)
        with open(path, 'a') as log: # and where a server before was killed
            log.write('{"time"')
        with server('--log', path) as it:
            it.get('/healthz')
        found = lines(path)
        check(len(found) == 7 and found[4] == '{"time"' and json.loads(found[5]), found)


def log_is_a_file():
    """Neither a folder nor a device, and not the store."""
    with tempfile.TemporaryDirectory() as folder, server() as it:
        link, log = (os.path.join(folder, name) for name in ('link', 'log'))
        os.symlink(it.store, link)
        for path, message in ((folder, 'Is a directory'), (it.store, 'cannot be the store'),
                              (link, 'cannot be the store')):
            done = subprocess.run([PROGRAM, 'serve', '--store', it.store, '--listen', '127.0.0.1:0', '--log', path],
                                  capture_output=True, text=True, timeout=20)
            check(done.returncode == 3 and message in done.stderr, path, done.returncode, done.stderr)
        with server('--log', '/dev/null') as other:
            check(other.get('/healthz').status == 200, 'no answer')
        with server('--log', log) as other:
            os.rename(log, log + '.1')
            os.mkdir(log)
            other.signal(signal.SIGHUP)
            check(eventually(lambda: 'the log stays open as it was' in other.stderr()), other.stderr())
            check(other.get('/healthz').status == 200, 'it waits')
        with open(log + '.1') as lines:
            check(len(lines.readlines()) == 1, 'the log before is not in use')


def read_pipe(reader):
    """The whole lines that are in a pipe now."""
    data = b''
    while True:
        try:
            piece = os.read(reader, 65536)
        except BlockingIOError:
            break
        if piece == b'':
            break
        data += piece
    check(data == b'' or data.endswith(b'\n'), 'a line is cut', data[-200:])
    return data.decode().splitlines()


def log_to_a_pipe():
    """Lines go to a pipe whoever reads it. One that is full holds requests up for a second, once; then lines are lost."""
    with tempfile.TemporaryDirectory() as folder:
        pipe = os.path.join(folder, 'pipe')
        os.mkfifo(pipe)
        with server('--log', pipe) as it: # nobody reads yet
            it.get('/healthz')
            reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
            it.get('/metrics')
            check([json.loads(line)['path'] for line in read_pipe(reader)] == ['/healthz', '/metrics'], 'lines are lost')
            began, count = time.monotonic(), 3000
            with it.connect() as client:
                for _ in range(count):
                    client.send(b'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n')
                    check(client.answer().status == 200, 'no answer')
            check(0.9 < time.monotonic() - began < 60, 'it waits', time.monotonic() - began)
            check(it.stderr().count('nobody reads the log') == 1, it.stderr())
            kept = [json.loads(line) for line in read_pipe(reader)]
            it.get('/metrics')
            lines = [json.loads(line) for line in read_pipe(reader)]
            check([line['path'] for line in lines] == ['/metrics'], lines)
            check('%d lines were lost' % (count - len(kept)) in it.stderr(), len(kept), it.stderr())
            os.close(reader)
            it.signal(signal.SIGHUP)
            time.sleep(0.3)
            it.get('/healthz')
            reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
            check(len(read_pipe(reader)) == 1, 'not opened again')
            os.close(reader)
    with server('--log', '/dev/stdout') as it:
        it.get('/healthz')
        check(json.loads(it.process.stdout.readline())['path'] == '/healthz', 'not on standard output')


def log_of_several():
    """Servers that append to one file: each line is whole, and none is lost."""
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, 'log')
        with server('--log', log) as one, server('--log', log, store=one.store) as other:
            one.train('a')

            def ask(it, count=200):
                with it.connect() as client:
                    for i in range(count):
                        client.send(b'GET /' + b'x' * (i % 256) + b' HTTP/1.1\r\nHost: a\r\n\r\n')
                        client.answer()

            clients = [threading.Thread(target=ask, args=(it,)) for it in (one, other) for _ in range(4)]
            for client in clients:
                client.start()
            for client in clients:
                client.join()
        with open(log) as lines:
            ids = [json.loads(line)['request_id'] for line in lines]
        check(len(ids) == len(set(ids)) == 1600, len(ids))


# ---- Time and number


def trickle(it, data, seconds, pause=0.1):
    """Sends a byte at a time. Returns after how long the connection was closed, without an answer."""
    began = time.monotonic()
    with it.connect() as client:
        for at in range(len(data)):
            try:
                client.send(data[at:at + 1])
            except ConnectionError:
                return time.monotonic() - began
            if client.is_closed(pause):
                return time.monotonic() - began
            check(time.monotonic() - began < seconds, 'still open')
    raise AssertionError('it was open to the end')


def slow_heads():
    with server('--request-ms', '1000', '--idle-ms', '1000') as it:
        it.train('a')
        data = request('StopTraining', 'a', headers=['X: ' + 'y' * 1000])
        took = trickle(it, data, 8)
        check(0.9 < took < 5, took)
        # Within the first line, too.
        took = trickle(it, b'POST /' + b'x' * 1000, 8)
        check(0.9 < took < 5, took)
        # After a first request.
        with it.connect() as client:
            client.post('Describe', 'a')
            began = time.monotonic()
            while not client.is_closed(0.2):
                try:
                    client.send(b'P')
                except ConnectionError:
                    break
                check(time.monotonic() - began < 8, 'still open')
        is_now(it, 'a', 'TRAINING')
        check(it.metric('tjob_http_expired_total') >= 2, 'not counted')


def slow_bodies():
    with server('--request-ms', '1000') as it:
        it.train('a')
        body = body_of('a')
        head = request('StopTraining', 'a')[:-len(body)]
        began = time.monotonic()
        with it.connect() as client:
            client.send(head)
            for at in range(len(body)):
                try:
                    client.send(body[at:at + 1])
                except ConnectionError:
                    break
                if client.is_closed(0.1):
                    break
                check(time.monotonic() - began < 8, 'still open')
        check(0.9 < time.monotonic() - began < 5, time.monotonic() - began)
        is_now(it, 'a', 'TRAINING')
        check(it.metric('tjob_http_unanswered_total') == 1, 'not counted')


def slow_readers():
    """Clients that ask and ask and read nothing hold up nobody, and not for ever."""
    with server('--request-ms', '1000') as it:
        it.train('a')
        client = it.connect()
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.socket.settimeout(1)
        sent = 0
        try:
            while sent < 200000000:
                sent += client.socket.send(b'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n' * 100)
        except (socket.timeout, ConnectionError):
            pass
        is_now(it, 'a', 'TRAINING')
        check(eventually(lambda: it.metric('tjob_http_connections') == 1, 10), 'still there')
        client.socket.close()


def silent_connections():
    with server('--request-ms', '1000', '--idle-ms', '1000') as it:
        it.train('a')
        before = it.descriptors(), it.threads()
        silent = [it.connect() for _ in range(50)]
        check(eventually(lambda: it.descriptors() >= before[0] + 50), 'not accepted')
        began = time.monotonic()
        is_now(it, 'a', 'TRAINING')
        check(time.monotonic() - began < 1, 'held up')
        check(all(client.is_closed(6) for client in silent), 'still open')
        # Between requests the idle time counts.
        with it.connect() as client:
            client.post('Describe', 'a')
            time.sleep(0.6)
            check(client.post('Describe', 'a').status == 200, 'closed too early')
            check(client.is_closed(6), 'still open')
        check(eventually(lambda: (it.descriptors(), it.threads()) == before), before, it.descriptors(), it.threads())


def idle_connections():
    """The idle time counts while nothing of the next request has arrived; then the time of a request alone."""
    whole = request('Describe', 'a')
    with server('--request-ms', '4000', '--idle-ms', '1000') as it:
        it.train('a')
        expired = it.metric('tjob_http_expired_total')
        with it.connect() as client, it.connect() as idle:
            check(idle.post('Describe', 'a').status == client.post('Describe', 'a').status == 200, 'no answer')
            time.sleep(0.4)
            client.send(whole[:5])
            check(not client.is_closed(2.2) and idle.is_closed(1), 'a request that arrives is idle')
            client.send(whole[5:])
            answer = client.answer()
            check(answer and answer.status == 200, 'it is closed')
        check(it.metric('tjob_http_expired_total') == expired + 1, 'an idle one is not counted')
    with server('--request-ms', '1000', '--idle-ms', '30000') as it:
        it.train('a')
        with it.connect() as client:
            for _ in range(2):
                check(client.post('Describe', 'a').status == 200, 'no answer')
                time.sleep(2)
            began = time.monotonic()
            client.send(whole[:5])
            check(client.is_closed(8) and time.monotonic() - began > 0.8, 'the idle time counts', time.monotonic() - began)


def more_clients_than_connections():
    """Where all places are taken, a client is closed at once; silent ones have to leave after a second."""
    with server('--connections', '10') as it:
        it.train('a')
        silent = [it.connect() for _ in range(10)]
        time.sleep(0.3)
        with it.connect() as client:
            check(client.is_closed(5), 'one more is neither served nor closed')
        began = time.monotonic()
        check(all(client.is_closed(6) for client in silent[:2]), 'the silent ones stay')
        check(0.5 < time.monotonic() - began < 5, time.monotonic() - began)
        for client in silent:
            client.socket.close()
        check(eventually(lambda: it.get('/healthz') is not None), 'no place is free again')
        is_now(it, 'a', 'TRAINING')
        # Below that the idle time holds.
        with it.connect() as client:
            client.post('Describe', 'a')
            time.sleep(1.5)
            check(client.post('Describe', 'a').status == 200, 'closed although there is room')


# ---- The end


def drains():
    """Requests whose body is still under way are answered, with a word that the connection closes; idle ones are closed."""
    with server() as it:
        it.train(*['n%d' % i for i in range(4)])
        idle = it.connect()
        idle.post('Describe', 'n0')
        silent = it.connect()
        under_way = [it.connect() for _ in range(4)]
        for i, client in enumerate(under_way):
            client.send(request('StopTraining', 'n%d' % i)[:-5])
        time.sleep(0.5)
        it.signal(signal.SIGTERM)
        check(idle.is_closed(5) and silent.is_closed(5), 'idle connections stay')
        for client in under_way:
            client.send(request('StopTraining', 'n%d' % under_way.index(client))[-5:])
            answer = client.answer()
            check(answer is not None and answer.status == 200, 'dropped')
            check(answer.headers.get('connection', '').lower() == 'close' and client.is_closed(5), answer.headers)
        check(not is_open(it.port), 'it still listens')
        it.end()
        states = it.tjob('list', '--store', it.store)
        check(states.count('STOP_REQUESTED') == 4, states)


def is_open(port):
    try:
        socket.create_connection(('127.0.0.1', port), 5).close()
        return True
    except ConnectionError:
        return False


def drains_no_longer():
    with server('--drain-ms', '500') as it:
        it.train('a')
        client = it.connect()
        client.send(request('StopTraining', 'a')[:-5])
        time.sleep(0.3)
        began = time.monotonic()
        it.end(code=5)
        check(0.4 < time.monotonic() - began < 5, time.monotonic() - began)
        check('requests that were under way have no answer' in it.stderr(), it.stderr())
        client.socket.close()


def options_are_checked():
    with server() as it:
        for options, message in (
                (('--listen', '0.0.0.0:0'), 'on loopback only'),
                (('--listen', '[::]:0'), 'on loopback only'),
                (('--listen', '192.0.2.1:0'), 'on loopback only'),
                (('--listen', '127.0.0.1.example.org:0'), '--listen must be HOST:PORT'),
                (('--listen', 'example.org:0'), '--listen must be HOST:PORT'),
                (('--listen', '8080'), '--listen must be HOST:PORT'),
                (('--listen', '127.0.0.1:65536'), '--listen must be HOST:PORT'),
                (('--listen', '127.0.0.1:'), '--listen must be HOST:PORT'),
                (('--listen', '127.0.0.1:1x'), '--listen must be HOST:PORT'),
                (('--listen', ':80'), '--listen must be HOST:PORT'),
                (('--burst', '5'), '--rate is missing'),
                (('--credentials', 'keys', '--region', ''), '--region must be'),
                (('--credentials', 'keys', '--region', 'US-WEST-2'), '--region must be'),
                (('--credentials', 'keys', '--region', 'us west'), '--region must be'),
                (('--credentials', 'keys', '--region', 'a' * 65), '--region must be'),
                (('--idle-ms', '0'), '--idle-ms must be an integer')):
            done = subprocess.run([PROGRAM, 'serve', '--store', it.store, *options], capture_output=True, text=True,
                                  timeout=20)
            check(done.returncode == 2 and message in done.stderr and done.stdout == '', options, done.returncode, done.stderr)
        for options, message in (
                (('--listen', '127.0.0.1:%d' % it.port), 'another process listens there'),
                (('--listen', '127.0.0.1:0', '--log', '/nowhere/log'), '/nowhere/log: No such file')):
            done = subprocess.run([PROGRAM, 'serve', '--store', it.store, *options], capture_output=True, text=True,
                                  timeout=20)
            check(done.returncode == 3 and message in done.stderr, options, done.returncode, done.stderr)
        done = subprocess.run([PROGRAM, 'serve', '--store', it.store, '--credentials', 'a\x1b[2J\u202eb'],
                              capture_output=True, text=True, timeout=20)
        check(done.returncode == 3 and 'serve: a\\x1b[2J' in done.stderr and '\x1b' not in done.stderr, done.stderr)
        done = subprocess.run([PROGRAM, 'serve', '--store', '/nowhere/jobs'], capture_output=True, text=True, timeout=20)
        check(done.returncode == 3, done.stderr)
        # Descriptors for all connections: the limit is raised, or it does not start.
        serve = [PROGRAM, 'serve', '--store', it.store, '--listen', '127.0.0.1:0', '--connections', '300']
        with server(command=['sh', '-c', 'ulimit -Sn 100 && exec "$@"', 'sh', *serve]) as other:
            check(resource.prlimit(other.process.pid, resource.RLIMIT_NOFILE)[0] == 428, 'not raised')
        done = subprocess.run(['sh', '-c', 'ulimit -n 427 && exec "$@"', 'sh', *serve], capture_output=True, text=True,
                              timeout=20)
        check(done.returncode == 3 and 'need 428 descriptors, and the limit is 427' in done.stderr, done.stderr)
        with server(command=[PROGRAM, 'serve', '--store', it.store, '--listen', 'localhost:0']) as other:
            check(other.get('/healthz').status == 200, 'localhost')


# ---- What the README says


def readme():
    """Its three lines, on another port, from the store of the section before."""
    if shutil.which('aws') is None:
        print('skipped: there is no AWS CLI')
        return
    with open(os.path.join(FOLDER, '..', '..', 'README.md')) as page:
        block = re.search(r'\n## A service in one command\n.*?\n```sh\n(.*?)```', page.read(), re.S).group(1)
    with socket.socket() as any_port:
        any_port.bind(('127.0.0.1', 0))
        port = any_port.getsockname()[1]
    check(block.count('\n') == 3 and block.count(':8080') == 2, block)
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, 'jobs')
        environment = dict(os.environ, PATH=os.path.dirname(PROGRAM) + ':' + os.environ['PATH'], ARN=ARN + 'flowers')
        script = ('tjob store create jobs --capacity 1000 && tjob submit --store jobs $ARN --token 1 &&'
                  'tjob start --store jobs $ARN --trainer-token 7\n') + block.replace(':8080', ':%d' % port)
        done = subprocess.run(['sh', '-ec', script + 'kill $!\nwait $!\n'], cwd=folder, env=environment, text=True,
                              capture_output=True, timeout=100)
        check(done.returncode == 0, done.returncode, done.stdout, done.stderr)
        found = subprocess.run([PROGRAM, 'describe', ARN + 'flowers', '--store', store], capture_output=True, text=True)
        check('STOP_REQUESTED' in found.stdout, found.stdout)


# ---- Long runs


def garbage(random, it):
    """What no client should do, once."""
    name = 'n%d' % random.randrange(2000)
    whole = request(random.choice(['Describe', 'StopTraining']), name)
    kind = random.randrange(7)
    try:
        with it.connect(5) as client:
            if kind == 0: # hangs up in the middle
                client.send(whole[:random.randrange(len(whole))])
            elif kind == 1: # hangs up before the answer, with a reset
                client.send(whole)
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            elif kind == 2: # stalls
                client.send(whole[:random.randrange(len(whole))])
                time.sleep(random.random() * 3)
            elif kind == 3: # bytes
                client.send(random.randbytes(random.randrange(1, 5000)))
                client.is_closed(1)
            elif kind == 4: # bytes in a request
                data = bytearray(whole)
                for _ in range(random.randrange(1, 10)):
                    data[random.randrange(len(data))] = random.randrange(256)
                client.send(bytes(data))
                client.is_closed(1)
            elif kind == 5: # closes its side, and reads on
                client.send(whole)
                client.socket.shutdown(socket.SHUT_WR)
                while client.more():
                    pass
            else: # a body without an end
                client.send(request('StopTraining', name, headers=['Transfer-Encoding: chunked'], length=False))
                for _ in range(random.randrange(100)):
                    client.send(b'fff\r\n' + b'x' * 0xfff + b'\r\n')
    except (OSError, AssertionError):
        pass


def soak(seconds):
    """Good clients among bad ones: no leak, no descriptor and no thread lost, every acknowledged stop in the store."""
    jobs = 2000
    until = time.monotonic() + float(os.environ.get('TJOB_SERVE_SECONDS', seconds))
    folder = tempfile.TemporaryDirectory()
    store, log = os.path.join(folder.name, 'jobs'), os.path.join(folder.name, 'log')
    lines = ['{"arn":"%sn%d","version":"2","job":{"state":"TRAINING","incarnation":"1","submit_token":"5",'
             '"trainer_token":"7","submitted_ms":"1","training_started_ms":"2"}}\n' % (ARN, i) for i in range(jobs)]
    lines.append('{"jobs":"%d","base":"2"}\n' % jobs)
    subprocess.run([PROGRAM, 'store', 'import', store], input=''.join(lines), text=True, check=True,
                   stdout=subprocess.DEVNULL)
    acknowledged, asked, answers, failures = set(), set(), [0], []

    def good(seed):
        random = Random(seed)
        while time.monotonic() < until:
            try:
                with it.connect(15) as client:
                    for _ in range(random.randrange(1, 50)):
                        name = 'n%d' % min(random.randrange(jobs), random.randrange(jobs))
                        stop = random.randrange(3) == 0
                        if stop:
                            asked.add(name)
                        answer = client.post('StopTraining' if stop else 'Describe', name)
                        if answer is None or answer.status != 200:
                            failures.append(answer and (answer.status, answer.body))
                            break
                        answers[0] += 1
                        if stop:
                            acknowledged.add(name)
                        if time.monotonic() > until:
                            break
                        time.sleep(0.002)
            except (OSError, AssertionError) as problem:
                failures.append(repr(problem))

    def bad(seed):
        random = Random(seed)
        while time.monotonic() < until:
            garbage(random, it)

    with server('--log', log, '--request-ms', '2000', '--idle-ms', '2000', store=store) as it:
        before = it.descriptors(), it.threads()
        clients = [threading.Thread(target=good if i < 8 else bad, args=(i,)) for i in range(24)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        check(not failures, len(failures), failures[:5])
        # The store keeps up to seven more descriptors, through which changes sync at the same time.
        check(eventually(lambda: it.descriptors() <= before[0] + 7 and it.threads() == before[1], 20), 'lost', before,
              it.descriptors(), it.threads())
        it.end()
    exported = subprocess.run([PROGRAM, 'store', 'export', store], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in exported.splitlines():
        record = json.loads(line)
        if 'arn' in record:
            found[record['arn'][len(ARN):]] = record['job']
    for name in acknowledged:
        check(found[name]['state'] == 'STOP_REQUESTED', name, 'was stopped, and is', found[name])
    # The log, between the creation of the jobs and what is left of them, is a history.
    history = os.path.join(folder.name, 'history')
    with open(history, 'w') as out:
        for i in range(jobs):
            out.write('{"id":"s%d","at":1,"answered_at":2,"arn":"%sn%d","event":"submit","token":5,"status":"ok"}\n' % (i, ARN, i))
            out.write('{"id":"t%d","at":3,"answered_at":4,"arn":"%sn%d","event":"start","trainer_token":7,"status":"ok"}\n'
                      % (i, ARN, i))
        with open(log) as written:
            for line in written:
                out.write(line)
        end = time.monotonic_ns()
        for i in range(jobs):
            out.write('{"id":"d%d","at":%d,"answered_at":%d,"arn":"%sn%d","event":"describe","status":"ok","job":%s}\n'
                      % (i, end, end + 1, ARN, i, json.dumps(found['n%d' % i])))
    print(subprocess.run([PROGRAM, 'history', 'check', history], capture_output=True, text=True, check=True).stdout.strip()
          .splitlines()[-1])
    print('%d answers, %d stops acknowledged of %d asked for' % (answers[0], len(acknowledged), len(asked)))
    check(answers[0] > 100 and acknowledged, 'nothing was done')


globals()[sys.argv[3]](*sys.argv[4:])
