"""`tjob serve --credentials`, called by the AWS CLI, by boto3 and by a signer of this file's own.

    signed.py PROGRAM CASE
"""
import datetime
import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

from support import ARN, TARGET, Server, body_of, check, eventually

SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
OTHER_ACCOUNT = ARN.replace('111122223333', '444455556666')
DEBIAN_PYTHON = '/usr/bin/python3'
SKIPPED = 77
WITH_CLOCK = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support', 'with_clock.sh')


def section(name, key, secret=SECRET, grant='tjob_accounts = 111122223333'):
    return '[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n%s\n' % (name, key, secret, grant)


class Keys:
    """A credentials file."""

    def __init__(self, *sections, mode=0o600):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, 'credentials')
        self.write(*sections, mode=mode)

    def write(self, *sections, mode=0o600):
        new = self.path + '.new'
        with open(new, 'w') as file:
            file.write('\n'.join(sections))
        os.chmod(new, mode)
        os.rename(new, self.path)

    def server(self, *options):
        return Server(program, '--credentials', self.path, *options)


# ---- A signer of its own


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def sign(key, secret, region, method, query, headers, body, when):
    stamp = when.strftime('%Y%m%dT%H%M%SZ')
    scope = '%s/%s/comprehend/aws4_request' % (stamp[:8], region)
    names = ';'.join(sorted(headers))
    canonical = '\n'.join([method, '/', query, *('%s:%s' % (name, headers[name]) for name in sorted(headers)), '', names,
                           hashlib.sha256(body).hexdigest()])
    text = '\n'.join(['AWS4-HMAC-SHA256', stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signing = ('AWS4' + secret).encode()
    for part in (stamp[:8], region, 'comprehend', 'aws4_request'):
        signing = digest(signing, part)
    return digest(signing, text).hex(), names, scope


def signed_request(operation, name, key='AKIDEXAMPLE', secret=SECRET, region='us-west-2', skew=0, presigned=False,
                   body=None):
    """The bytes of a request, signed in its header or in its query."""
    when = datetime.datetime.utcnow() + datetime.timedelta(seconds=skew)
    stamp = when.strftime('%Y%m%dT%H%M%SZ')
    body = body_of(name) if body is None else body
    headers = {'host': 'localhost', 'x-amz-target': TARGET % operation}
    query = ''
    if presigned:
        parameters = {'X-Amz-Algorithm': 'AWS4-HMAC-SHA256', 'X-Amz-Date': stamp, 'X-Amz-Expires': '60',
                      'X-Amz-Credential': '%s/%s/%s/comprehend/aws4_request' % (key, stamp[:8], region),
                      'X-Amz-SignedHeaders': 'host;x-amz-target'}
        query = '&'.join('%s=%s' % (name, urllib.parse.quote(parameters[name], safe='-_.~'))
                         for name in sorted(parameters))
        signature, _, _ = sign(key, secret, region, 'POST', query, headers, body, when)
        query += '&X-Amz-Signature=' + signature
    else:
        headers['x-amz-date'] = stamp
        signature, names, scope = sign(key, secret, region, 'POST', '', headers, body, when)
        headers['authorization'] = 'AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s' % (
            key, scope, names, signature)
    lines = ['POST /%s HTTP/1.1' % ('?' + query if query else ''), *('%s: %s' % pair for pair in headers.items()),
             'Content-Type: application/x-amz-json-1.1', 'Content-Length: %d' % len(body)]
    return '\r\n'.join(lines).encode() + b'\r\n\r\n' + body


def send(server, data):
    with server.connect() as connection:
        connection.send(data)
        return connection.answer()


def expect_error(answer, error, words=''):
    check(answer.status == 400 and answer.error == error, answer.status, answer.error, answer.body)
    body = json.loads(answer.body)
    check(body['__type'] == error and words in body['Message'], body)
    check('date' in answer.headers and 'x-amzn-requestid' in answer.headers, answer.headers)


def state(server, name='x'):
    return json.loads(server.tjob('describe', ARN + name, '--store', server.store, '--json'))['job']['state']


# ---- The clients of Debian


def skip(what):
    print('skipped: there is no', what)
    sys.exit(SKIPPED)


def need(program):
    if shutil.which(program) is None:
        skip(program)


def with_clock(offset):
    """What stands before a command so that its clock is off by `offset`."""
    need('faketime')
    return 'sh', WITH_CLOCK, offset


def run_aws(server, *words, key='AKIDEXAMPLE', secret=SECRET, region='us-west-2', before=()):
    need('aws')
    environment = {**os.environ, 'AWS_ACCESS_KEY_ID': key, 'AWS_SECRET_ACCESS_KEY': secret, 'AWS_DEFAULT_REGION': region,
                   'AWS_CONFIG_FILE': '/dev/null', 'AWS_SHARED_CREDENTIALS_FILE': '/dev/null', 'AWS_MAX_ATTEMPTS': '1',
                   'AWS_EC2_METADATA_DISABLED': 'true'}
    environment.pop('AWS_SESSION_TOKEN', None)
    return subprocess.run([*before, 'aws', 'comprehend', *words, '--endpoint-url', 'http://127.0.0.1:%d' % server.port],
                          env=environment, capture_output=True, text=True, timeout=60)


BOTO = '''
import json, sys, boto3, botocore.exceptions
from botocore.config import Config
port, key, secret, region, token, operation, arn = sys.argv[1:]
client = boto3.client('comprehend', region_name=region, endpoint_url='http://127.0.0.1:' + port, aws_access_key_id=key,
                      aws_secret_access_key=secret, aws_session_token=token or None,
                      config=Config(retries={'max_attempts': 0}))
if operation == 'presign':
    print(client.generate_presigned_url('stop_training_entity_recognizer', Params={'EntityRecognizerArn': arn},
                                        ExpiresIn=60))
else:
    try:
        getattr(client, operation)(EntityRecognizerArn=arn)
        print('OK')
    except botocore.exceptions.ClientError as error:
        print(error.response['Error']['Code'], error.response['ResponseMetadata']['HTTPStatusCode'],
              error.response['Error']['Message'])
'''


def run_boto(server, operation, arn=ARN + 'x', key='AKIDEXAMPLE', secret=SECRET, region='us-west-2', token='', before=()):
    command = [*before, DEBIAN_PYTHON, '-c', BOTO, str(server.port), key, secret, region, token, operation, arn]
    if subprocess.run([DEBIAN_PYTHON, '-c', 'import boto3'], capture_output=True).returncode != 0:
        skip('boto3')
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    check(done.returncode == 0, done.stderr)
    return done.stdout.strip()


# ---- The cases


def awscli():
    keys = Keys(section('a', 'AKIDEXAMPLE'))
    with keys.server('--region', 'us-west-2') as server:
        server.train('x')
        stop = ['stop-training-entity-recognizer', '--entity-recognizer-arn', ARN + 'x']
        for options, words in (({'secret': SECRET + 'x'}, '(InvalidSignatureException)'),
                               ({'key': 'AKIDOTHER'}, '(UnrecognizedClientException)'),
                               ({'region': 'eu-west-1'}, "Credential should be scoped to a valid region, not 'eu-west-1'"),
                               ({'before': with_clock('+6m')}, 'Signature not yet current: '),
                               ({'before': with_clock('-6m')}, 'Signature expired: ')):
            done = run_aws(server, *stop, **options)
            check(done.returncode != 0 and words in done.stderr, options, done.stderr)
            check(state(server) == 'TRAINING', state(server))
        done = run_aws(server, *stop)
        check(done.returncode == 0, done.stderr)
        check(state(server) == 'STOP_REQUESTED', state(server))
        done = run_aws(server, 'describe-entity-recognizer', '--entity-recognizer-arn', ARN + 'x', '--output', 'text',
                       '--query', 'EntityRecognizerProperties.Status', before=with_clock('+4m'))
        check(done.stdout == 'STOP_REQUESTED\n', done.stdout, done.stderr)
        done = run_aws(server, 'describe-entity-recognizer', '--entity-recognizer-arn', OTHER_ACCOUNT + 'x')
        check('(AccessDeniedException)' in done.stderr, done.stderr)


def boto3():
    keys = Keys(section('a', 'AKIDEXAMPLE'))
    with keys.server() as server:
        server.train('x')
        stop = 'stop_training_entity_recognizer'
        for options, words in (({'secret': SECRET[:-1]}, 'InvalidSignatureException 400 The request signature we'),
                               ({'key': 'AKIDOTHER'}, 'UnrecognizedClientException 400 The security token included in'),
                               ({'token': 'token'}, 'UnrecognizedClientException 400 The security token included in'),
                               ({'before': with_clock('+6m')}, 'InvalidSignatureException 400 Signature not yet'),
                               ({'before': with_clock('-6m')}, 'InvalidSignatureException 400 Signature expired'),
                               ({'arn': OTHER_ACCOUNT + 'x'}, 'AccessDeniedException 400 ')):
            said = run_boto(server, stop, **options)
            check(said.startswith(words), options, said)
            check(state(server) == 'TRAINING', state(server))
        check(run_boto(server, stop, region='eu-west-1') == 'OK')
        check(state(server) == 'STOP_REQUESTED', state(server))
        check(run_boto(server, 'delete_entity_recognizer').startswith('ResourceInUseException 400'))
        check(run_boto(server, 'describe_entity_recognizer', before=with_clock('-4m')) == 'OK')


def presigned():
    keys = Keys(section('a', 'AKIDEXAMPLE'))
    with keys.server() as server:
        server.train('x')
        good = signed_request('StopTraining', 'x', presigned=True)
        expect_error(send(server, good.replace(b'StopTraining', b'Describe')), 'InvalidSignatureException')
        expect_error(send(server, good.replace(b'Expires=60', b'Expires=99')), 'InvalidSignatureException')
        expect_error(send(server, signed_request('StopTraining', 'x', presigned=True, skew=-61)),
                     'InvalidSignatureException', 'Signature expired: ')
        check(state(server) == 'TRAINING', state(server))
        check(send(server, good).status == 200)
        check(state(server) == 'STOP_REQUESTED', state(server))
        # boto3 moves the body into the query, and leaves out the header that names the operation: with that header the
        # signature is right, but there is no body.
        url = urllib.parse.urlsplit(run_boto(server, 'presign'))
        head = 'POST /?%s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: %s\r\n' % (
            url.query, url.netloc, TARGET % 'StopTraining')
        expect_error(send(server, head.encode() + b'Content-Length: 0\r\n\r\n'), 'InvalidRequestException',
                     'EntityRecognizerArn is required')
        expect_error(send(server, head.replace('X-Amz-Target', 'X-Target').encode() + b'Content-Length: 0\r\n\r\n'),
                     'IncompleteSignatureException', "'x-amz-target' is named as a SignedHeader")


def refused():
    """What is not signed as it should be touches nothing."""
    keys = Keys(section('a', 'AKIDEXAMPLE'))
    with keys.server() as server:
        server.train('x')
        good = signed_request('StopTraining', 'x')
        unsigned = re.sub(rb'authorization: [^\r]*\r\n', b'', good)
        expect_error(send(server, unsigned), 'MissingAuthenticationTokenException', 'Missing Authentication Token')
        expect_error(send(server, good.replace(b'AWS4-HMAC-SHA256 ', b'Bearer ')), 'MissingAuthenticationTokenException')
        expect_error(send(server, good.replace(b'Credential=', b'Credential ')), 'IncompleteSignatureException')
        expect_error(send(server, re.sub(rb'Signature=.', b'Signature=x', good)), 'InvalidSignatureException')
        expect_error(send(server, good.replace(b'recognizer/x', b'recognizer/y')), 'InvalidSignatureException')
        expect_error(send(server, good.replace(b'POST / ', b'POST /?a=b ')), 'InvalidSignatureException')
        expect_error(send(server, good.replace(b'localhost', b'localhosT')), 'InvalidSignatureException')
        expect_error(send(server, good.replace(b'\r\nContent-Type', b'\r\nX-Amz-More: 1\r\nContent-Type')),
                     'InvalidSignatureException', "'X-Amz-More' must be a 'SignedHeader'")
        # Even a body that is no JSON, and one that is too large, are not looked at before.
        expect_error(send(server, unsigned.replace(b'{', b'[')), 'MissingAuthenticationTokenException')
        check(state(server) == 'TRAINING', state(server))
        check(server.get('/healthz').status == 200)
        with server.connect() as connection:
            connection.send(good)
            check(connection.answer().status == 200)
            # The key of one request of a connection is not that of the next.
            connection.send(unsigned)
            expect_error(connection.answer(), 'MissingAuthenticationTokenException')
        check(state(server) == 'STOP_REQUESTED', state(server))


def clock():
    """A client that corrects its clock by the Date header comes through."""
    keys = Keys(section('a', 'AKIDEXAMPLE'))
    with keys.server() as server:
        server.train('x')
        for skew, words in ((3600, 'Signature not yet current: '), (-3600, 'Signature expired: ')):
            answer = send(server, signed_request('Describe', 'x', skew=skew))
            expect_error(answer, 'InvalidSignatureException', words)
            date = datetime.datetime.strptime(answer.headers['date'], '%a, %d %b %Y %H:%M:%S GMT')
            offset = (date - datetime.datetime.utcnow()).total_seconds()
            check(abs(offset) < 30, offset)
            check(send(server, signed_request('Describe', 'x', skew=offset)).status == 200)


def rotated():
    """SIGHUP reads the file again; a bad one changes nothing."""
    keys = Keys(section('old', 'AKIDOLD'))
    with keys.server() as server:
        server.train('x')
        check(send(server, signed_request('Describe', 'x', key='AKIDOLD')).status == 200)
        keys.write(section('old', 'AKIDOLD'), section('new', 'AKIDNEW'))
        expect_error(send(server, signed_request('Describe', 'x', key='AKIDNEW')), 'UnrecognizedClientException')
        server.signal(signal.SIGHUP)
        check(eventually(lambda: send(server, signed_request('Describe', 'x', key='AKIDNEW')).status == 200))
        check(send(server, signed_request('Describe', 'x', key='AKIDOLD')).status == 200)
        for sections, mode, words in (((section('new', 'AKIDNEW'), 'aws_acess_key_id = x\n'), 0o600, 'line 6: the settings are'),
                                      ((section('new', 'AKIDNEW'),), 0o640, 'have access to the file (chmod 600)'),
                                      (('',), 0o600, 'there is no key')):
            keys.write(*sections, mode=mode)
            server.signal(signal.SIGHUP)
            check(eventually(lambda: words in server.stderr()), words, server.stderr())
            check(send(server, signed_request('Describe', 'x', key='AKIDOLD')).status == 200)
        check(server.stderr().count('the keys stay as they were') == 3, server.stderr())
        check(SECRET not in server.stderr())
        keys.write(section('new', 'AKIDNEW', grant='tjob_arns = ' + ARN + 'y*'))
        server.signal(signal.SIGHUP)
        check(eventually(lambda: send(server, signed_request('Describe', 'x', key='AKIDOLD')).status == 400))
        expect_error(send(server, signed_request('Describe', 'x', key='AKIDOLD')), 'UnrecognizedClientException')
        expect_error(send(server, signed_request('Describe', 'x', key='AKIDNEW')), 'AccessDeniedException')
        expect_error(send(server, signed_request('Describe', 'yy', key='AKIDNEW')), 'ResourceNotFoundException')


def reread_under_load():
    """Keys are read again, over and over, while clients use them: no request is refused."""
    keys = Keys(section('a', 'AKIDEXAMPLE'), section('b', 'AKIDB'))
    with keys.server() as server:
        server.train('x')
        until = time.monotonic() + 3
        count = 0
        with server.connect() as connection:
            while time.monotonic() < until:
                if count % 10 == 0:
                    server.signal(signal.SIGHUP)
                connection.send(signed_request('Describe', 'x', key='AKIDB' if count % 2 else 'AKIDEXAMPLE'))
                check(connection.answer().status == 200)
                count += 1
        check(count > 100, count)


def throttled():
    """Each key has a rate of its own."""
    keys = Keys(section('a', 'AKIDEXAMPLE'), section('b', 'AKIDB'))
    with keys.server('--rate', '1', '--burst', '3') as server:
        server.train('x')

        def admitted(key):
            return [send(server, signed_request('Describe', 'x', key=key)).status for _ in range(6)].count(200)
        check(3 <= admitted('AKIDEXAMPLE') <= 5)
        check(3 <= admitted('AKIDB') <= 5)
        expect_error(send(server, signed_request('Describe', 'x')), 'TooManyRequestsException')
        # Who is refused uses up nothing of it.
        for _ in range(20):
            expect_error(send(server, signed_request('Describe', 'x', key='AKIDB', secret=SECRET + 'x')),
                         'InvalidSignatureException')
        time.sleep(1.2)
        check(send(server, signed_request('Describe', 'x', key='AKIDB')).status == 200)


def options():
    """What the program refuses before it listens, and where it listens."""
    keys = Keys(section('a', 'AKIDEXAMPLE'))
    with keys.server() as server:
        def run(*words):
            return subprocess.run([program, 'serve', '--store', server.store, *words], capture_output=True, text=True,
                                  timeout=20)
        done = run('--listen', '0.0.0.0:0')
        check(done.returncode == 2 and 'without --credentials it listens on loopback only' in done.stderr, done.stderr)
        done = run('--region', 'us-west-2')
        check(done.returncode == 2 and '--credentials is missing' in done.stderr, done.stderr)
        for sections, mode, words in (((), 0o600, 'there is no key'), ((section('a', 'a b'),), 0o600, 'line 2: an access key'),
                                      ((section('a', 'a'),), 0o604, 'chmod 600')):
            keys.write(*sections, mode=mode)
            done = run('--credentials', keys.path)
            check(done.returncode == 3 and words in done.stderr and SECRET not in done.stderr, done.stderr)
        done = run('--credentials', keys.path + '.none')
        check(done.returncode == 3 and 'No such file' in done.stderr, done.stderr)
        keys.write(section('a', 'AKIDEXAMPLE'))
        command = [program, 'serve', '--store', server.store, '--credentials', keys.path, '--listen', '0.0.0.0:0']
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            line = process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            check(line.startswith('listening on http://0.0.0.0:'), line)
            check(process.wait(20) == 0)


CASES = [awscli, boto3, presigned, refused, clock, rotated, reread_under_load, throttled, options]

if __name__ == '__main__':
    program = sys.argv[1]
    {case.__name__: case for case in CASES}[sys.argv[2]]()
