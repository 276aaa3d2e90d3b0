"""Front ends: a web server over the CGI example, `tjob serve`, or a web server as a proxy before that. Each has three
endpoints on the loopback: the service, the same with a rate limit (throttled), and the same without a store (broken)."""

import hashlib
import hmac
import http.client
import http.server
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).parent
NAMES = ("service", "throttled", "broken")
KEY, SECRET = "AKIDCLIENT", "the-secret-of-these-tests"


def skip(reason):
    print("SKIPPED:", reason)
    sys.exit(77)


def need(program, package):
    path = os.environ["PATH"] + ":/usr/sbin"
    return shutil.which(program, path=path) or skip(f"{package} is not installed")


class Front:
    """A front end in a folder of its own, with a store of 100 jobs. A context manager: it runs inside."""

    def __init__(self, cgi, tjob):
        self.cgi = pathlib.Path(cgi).absolute()
        self.tjob = pathlib.Path(tjob).absolute() / "tjob"
        self.processes = []

    def __enter__(self):
        self.work = pathlib.Path(tempfile.mkdtemp(dir="/tmp"))
        self.work.chmod(0o755)
        self.throttle = self.work / "throttle"
        self.throttle.write_bytes(b"")
        self.throttle.chmod(0o666)
        shutil.copy(self.cgi, self.work / "tjob.cgi")
        self.host("store", "create", str(self.work / "jobs"), "--capacity", "100")
        (self.work / "jobs").chmod(0o666)
        for _ in range(10):
            ports = random.sample(range(20000, 30000), 2 * len(NAMES))
            self.ports = dict(zip(NAMES, ports))
            self.ports_behind = dict(zip(NAMES, ports[len(NAMES):]))
            if self.start():
                return self
            self.stop()
        print("the front end does not start:\n" + self.errors())
        sys.exit(1)

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.work)

    def host(self, *arguments):
        return subprocess.run([self.tjob, *arguments], check=True, capture_output=True, text=True).stdout

    def use_up_the_rate(self):
        """As if others had done so: the word of the limiter is a time far ahead, and the next call is refused, however late
        it comes. Then the rate is free again."""
        word = (1 << 62).to_bytes(8, sys.byteorder)
        self.throttle.write_bytes(word)
        threading.Thread(target=self.free_the_rate, args=(word,), daemon=True).start()

    def free_the_rate(self, word):
        while self.throttle.exists() and self.throttle.read_bytes() == word:
            time.sleep(0.01)
        if self.throttle.exists():
            self.throttle.write_bytes(b"")

    def endpoint(self, name):
        return f"http://127.0.0.1:{self.ports[name]}"

    def run(self, *command):
        log = (self.work / "start").open("a")
        self.processes.append(
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True))

    def is_up(self, process, port=None):
        for _ in range(200):
            if process.poll() is not None:
                return False
            try:
                socket.create_connection(("127.0.0.1", port or self.ports["broken"])).close()
                return True
            except OSError:
                time.sleep(0.05)
        return False

    def configure(self, name):
        text = (HERE / "servers" / name).read_text().replace("@WORK@", str(self.work))
        for port, number in self.ports.items():
            text = text.replace(f"@{port.upper()}@", str(number))
            text = text.replace(f"@{port.upper()}_BEHIND@", str(self.ports_behind[port]))
        (self.work / name).write_text(text)
        return str(self.work / name)

    def stop(self):
        for process in self.processes:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
        self.processes = []

    def errors(self):
        return "".join(path.read_text() for path in (self.work / "start", self.work / "errors") if path.exists())


    def run_server(self, name, configuration):
        path = self.configure(configuration + ".conf")
        if name == "lighttpd":
            self.run(need("lighttpd", "lighttpd"), "-D", "-f", path)
        elif name == "apache":
            self.run(need("apache2", "apache2-bin"), "-D", "FOREGROUND", "-f", path)
        else:
            self.run(need("nginx", "nginx-light"), "-e", str(self.work / "errors"), "-c", path)
        return self.is_up(self.processes[-1])


class Lighttpd(Front):
    def start(self):
        return self.run_server("lighttpd", "lighttpd")


class Apache(Front):
    def start(self):
        return self.run_server("apache", "apache")


class Nginx(Front):
    def start(self):
        self.run(need("fcgiwrap", "fcgiwrap"), "-c", "4", "-s", f"unix:{self.work}/fcgiwrap")
        return self.run_server("nginx", "nginx")


class Serve(Front):
    """`tjob serve`, once for each endpoint: with a rate of one request a second, and with a store whose file was cut."""

    proxy = None
    is_signed = False

    def start(self):
        if subprocess.run([self.tjob, "serve"], capture_output=True, text=True).stderr.find("--store") < 0:
            skip("this tjob was built without `serve`")
        ports = self.ports_behind if self.proxy else self.ports
        shutil.copy(self.work / "jobs", self.work / "cut")
        keys = ()
        if self.is_signed:
            keys = ("--credentials", str(self.work / "keys"))
            (self.work / "keys").touch(mode=0o600)
            (self.work / "keys").write_text(f"[client]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
                                            "tjob_accounts = *\n")
        for name in NAMES:
            store = str(self.work / ("cut" if name == "broken" else "jobs"))
            rate = ("--rate", "1") if name == "throttled" else ()
            self.run(str(self.tjob), "serve", "--store", store, "--listen", f"127.0.0.1:{ports[name]}", *rate,
                     "--log", str(self.work / f"log.{name}"), *keys)
            if not self.is_up(self.processes[-1], ports[name]):
                return False
        os.truncate(self.work / "cut", 0)
        return self.proxy is None or self.run_server(self.proxy, self.proxy + "_proxy")

    def use_up_the_rate(self):
        """Others send requests as fast as they can, until the log has one of another name that was throttled."""
        log = self.work / "log.throttled"
        begin = log.stat().st_size
        admitted = threading.Event()
        for _ in range(2):
            threading.Thread(target=self.send_much, args=(begin, admitted), daemon=True).start()
        admitted.wait()

    def send_much(self, begin, admitted):
        port = (self.ports_behind if self.proxy else self.ports)["throttled"]
        connection = http.client.HTTPConnection("127.0.0.1", port)
        body = json.dumps({"EntityRecognizerArn": "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/others"})
        while not self.is_refused(begin):
            connection.request("POST", "/", body, signed(f"127.0.0.1:{port}", body))
            answer = connection.getresponse()
            if b"TooManyRequests" in answer.read():
                admitted.set()

    def is_refused(self, begin):
        with (self.work / "log.throttled").open() as log:
            log.seek(begin)
            lines = log.read().splitlines()
        return any("TooManyRequests" in line and "entity-recognizer/others" not in line for line in lines)


class Signed(Serve):
    """The same, where each request must be signed."""

    is_signed = True


def signed(host, body):
    """The headers of a signed request (AWS Signature Version 4)."""
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    headers = {"content-type": "application/x-amz-json-1.1", "host": host, "x-amz-date": date,
               "x-amz-target": "Comprehend_20171127.DescribeEntityRecognizer"}
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body.encode()).hexdigest()}"
    scope = f"{date[:8]}/us-west-2/comprehend/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = ("AWS4" + SECRET).encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    return headers | {"authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, SignedHeaders={names}, Signature={key.hex()}"}


class LighttpdProxy(Serve):
    proxy = "lighttpd"


class ApacheProxy(Serve):
    proxy = "apache"


class NginxProxy(Serve):
    proxy = "nginx"


class LighttpdProxySigned(Signed):
    proxy = "lighttpd"


class ApacheProxySigned(Signed):
    proxy = "apache"


class NginxProxySigned(Signed):
    proxy = "nginx"


class Counting(Front):
    """A server of this program's own, which keeps each request and the times of its arrival and its answer."""

    def start(self):
        self.requests = []
        self.servers = []
        for name in NAMES:
            handler = type("Handler", (Handler,), {"front": self, "name": name})
            try:
                self.servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", self.ports[name]), handler))
            except OSError:
                return False
            threading.Thread(target=self.servers[-1].serve_forever, daemon=True).start()
        return True

    def answer(self, name, headers, body):
        environment = {"REQUEST_METHOD": "POST", "HTTP_X_AMZ_TARGET": headers["X-Amz-Target"],
                       "CONTENT_TYPE": headers["Content-Type"], "CONTENT_LENGTH": str(len(body)),
                       "TJOB_STORE": str(self.work / ("missing" if name == "broken" else "jobs"))}
        if name == "throttled":
            environment["TJOB_THROTTLE"] = str(self.throttle)
        return subprocess.run([self.cgi], input=body, env=environment, capture_output=True).stdout

    def stop(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        arrival = time.monotonic()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = {"arrival": arrival, "headers": self.headers.items(), "body": body}
        self.front.requests.append(request)
        head, _, body = self.front.answer(self.name, self.headers, body).partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode().split("\r\n")]
        self.send_response(int(lines[0][2].split()[0]))
        for name, _, value in lines[1:]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        request["answered"] = time.monotonic()

    def log_message(self, *_):
        pass


FRONTS = {"lighttpd": Lighttpd, "apache": Apache, "nginx": Nginx, "counting": Counting, "serve": Serve, "signed": Signed,
          "lighttpd_proxy": LighttpdProxy, "apache_proxy": ApacheProxy, "nginx_proxy": NginxProxy,
          "lighttpd_proxy_signed": LighttpdProxySigned, "apache_proxy_signed": ApacheProxySigned,
          "nginx_proxy_signed": NginxProxySigned}
